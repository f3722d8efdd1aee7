import TableModel

/// One column of a FITS binary table: what is learnt of its values while they are spooled, and the form that follows from it.
struct FITSColumn {
    let plan: CellPlan
    /// Bytes of an access_url.
    private let urlCount: Int
    private var rows = 0
    private var nulls = 0
    /// The longest text in bytes, or array in elements.
    private var longest = 0
    private var total = 0
    private var isASCII = true
    /// Which of the eight numbers at the ends of the type's range occur: those that could stand for NULL.
    private var occurring: UInt8 = 0

    private static let mostBlanks = 64 << 20

    /// How the column's cells are written; settled by ``settle()``.
    private(set) var isInHeap = false
    /// Bytes of a cell in the table itself.
    private(set) var width = 0
    /// The whole number that stands for NULL, where there is any NULL.
    private(set) var null: Int64?
    /// Whether the heap may be beyond the reach of 32 bits.
    var isFarHeap = false { didSet { if isInHeap { width = isFarHeap ? 16 : 8 } } }

    init(_ type: ValueType, urlCount: Int) {
        plan = CellPlan(type)
        self.urlCount = urlCount
    }

    // MARK: - What is learnt

    mutating func noteNull() {
        rows += 1
        nulls += 1
    }

    @inline(__always)
    mutating func note(_ field: UnsafeRawBufferPointer) throws(FormatError) {
        rows += 1
        switch plan.kind {
        case .text, .fixedText:
            longest = max(longest, field.count)
            total += field.count
            if isASCII { isASCII = TextRepertoire.isASCII(field) }
        case .bytes:
            longest = max(longest, field.count)
            total += field.count
        case .int2, .int4, .int8:
            guard field.count == plan.width else { throw .damagedRow }
            noteNumber(field)
        case .float4, .float8:
            guard field.count == plan.width else { throw .damagedRow }
        case .timestamp:
            guard field.count == 8 else { throw .damagedRow }
            let fraction = Int64(bigEndian: field.loadUnaligned(as: Int64.self)) % 1_000_000
            longest = max(longest, fraction == 0 ? 19 : fraction % 1000 == 0 ? 23 : 26)
        case .rowIdentifier, .accessURL:
            guard field.count == 8 else { throw .damagedRow }
        case .array:
            try noteArray(CopyArray(field))
        case .boolean: break
        }
    }

    @inline(__always)
    private mutating func noteNumber(_ field: UnsafeRawBufferPointer) {
        let number: Int64 =
            switch plan.width {
            case 2: Int64(Int16(bigEndian: field.loadUnaligned(as: Int16.self))) << 48
            case 4: Int64(Int32(bigEndian: field.loadUnaligned(as: Int32.self))) << 32
            default: Int64(bigEndian: field.loadUnaligned(as: Int64.self))
            }
        // With the sign bit turned, the four numbers at either end of the range are those next to zero, around it.
        let place = UInt64(bitPattern: number) >> UInt64(64 - 8 * plan.width) ^ 1 << UInt64(8 * plan.width - 1)
        let distance = (place &+ 4) & (.max >> UInt64(64 - 8 * plan.width))
        if distance < 8 { occurring |= 1 << UInt8(truncatingIfNeeded: distance) }
    }

    private mutating func noteArray(_ array: CopyArray) throws(FormatError) {
        longest = max(longest, array.count)
        total += array.count * plan.width
        guard !plan.isFloating else { return }
        var array = array
        for _ in 0..<array.count {
            if let element = try array.next() {
                guard element.count == plan.width else { throw .damagedRow }
                noteNumber(element)
            } else {
                nulls += 1
            }
        }
        // A shorter array is filled up.
        if array.count < plan.count { nulls += 1 }
    }

    // MARK: - What follows

    mutating func settle() {
        switch plan.kind {
        case .int2, .int4, .int8, .float4, .float8: width = plan.width
        case .boolean: width = 1
        case .rowIdentifier: width = 36
        case .accessURL: width = urlCount
        case .timestamp: width = max(1, longest)
        case .text, .fixedText:
            // A few long texts among many short ones would fill the table with blanks. But astropy reads texts beyond ASCII in the table
            // alone, so for those some blanks are not too many.
            isInHeap = longest > 64 && longest * rows > 8 * total && (isASCII || longest * rows > Self.mostBlanks)
            width = isInHeap ? 8 : max(1, longest)
        case .bytes: (isInHeap, width) = (true, 8)
        case .array:
            isInHeap = plan.count < 0
            width = isInHeap ? 8 : plan.count * plan.width
        }
        let isWhole =
            switch plan.kind {
            case .int2, .int4, .int8: true
            case .array: !plan.isFloating
            default: false
            }
        if isWhole, nulls > 0 { null = freeNumber }
    }

    /// The first number at an end of the range that no cell has; the smallest when all occur.
    private var freeNumber: Int64 {
        let bits = UInt64(8 * plan.width)
        let smallest = Int64.min >> Int64(64 - bits)
        // Bit 4 is the smallest number, bit 3 the largest.
        for distance in [4, 3, 5, 2, 6, 1, 7, 0] where occurring & 1 << UInt8(distance) == 0 {
            return distance >= 4 ? smallest + Int64(distance - 4) : ~smallest - Int64(3 - distance)
        }
        return smallest
    }

    /// Bytes of all its cells in the heap.
    var heapCount: Int { isInHeap ? total : 0 }

    /// FITS 4.0 §7.3.1: `12A`, `3D`, `1PE(8)`.
    var form: String {
        let letter =
            switch plan.kind {
            case .int2: "I"
            case .int4: "J"
            case .int8: "K"
            case .float4: "E"
            case .float8: "D"
            case .boolean: "L"
            case .text, .fixedText, .timestamp, .rowIdentifier, .accessURL: "A"
            case .bytes: "B"
            case .array: [.int2: "I", .int4: "J", .int8: "K", .float4: "E"][plan.element, default: "D"]
            }
        if isInHeap { return "1\(isFarHeap ? "Q" : "P")\(letter)(\(longest))" }
        switch plan.kind {
        case .text, .fixedText, .timestamp, .rowIdentifier, .accessURL: return "\(width)\(letter)"
        case .array: return "\(plan.count)\(letter)"
        default: return "1\(letter)"
        }
    }
}

/// A row of COPY's binary format, built field by field.
struct TestRow {
    var bytes: [UInt8] = [0, 0]

    mutating func add(_ field: [UInt8]?) {
        if bytes.count >= 2 { bytes[1] += 1 }
        append(UInt32(bitPattern: Int32(field?.count ?? -1)))
        bytes += field ?? []
    }

    mutating func add(_ number: some FixedWidthInteger) { add(withUnsafeBytes(of: number.bigEndian) { Array($0) }) }
    mutating func add(_ number: Double) { add(number.bitPattern) }
    mutating func add(_ number: Float) { add(number.bitPattern) }
    mutating func add(_ text: String) { add(Array(text.utf8)) }
    mutating func addNull() { add(nil as [UInt8]?) }

    mutating func add(array: [Double]) {
        var inner = TestRow(bytes: [])
        for word in [1, 0, 701, UInt32(array.count), 1] { inner.append(word) }
        for element in array {
            inner.append(8)
            inner.bytes += withUnsafeBytes(of: element.bitPattern.bigEndian) { Array($0) }
        }
        add(inner.bytes)
    }

    /// An int2[] whose missing elements are NULL.
    mutating func add(shorts: [Int16?]) {
        var inner = TestRow(bytes: [])
        for word in [1, 1, 21, UInt32(shorts.count), 1] { inner.append(word) }
        for element in shorts {
            inner.append(element == nil ? UInt32.max : 2)
            if let element { inner.bytes += withUnsafeBytes(of: element.bigEndian) { Array($0) } }
        }
        add(inner.bytes)
    }

    private mutating func append(_ word: UInt32) { bytes += withUnsafeBytes(of: word.bigEndian) { Array($0) } }
}

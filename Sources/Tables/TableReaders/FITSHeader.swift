import TableInput

/// The cards of one FITS header (FITS 4.0 §4).
struct FITSHeader {
    private var values: [String: String] = [:]

    /// Reads to the end of the header, and of its last block of 2880 bytes.
    ///
    /// - Throws: ``InputError`` for what is no header; nil at the end of the file.
    init?(_ cursor: ByteCursor) throws {
        var blocks = 0
        var last: String?
        while true {
            guard try cursor.fill(2880) else {
                if blocks == 0 { return nil }
                throw InputError.badFITS("it ends in the middle of a header")
            }
            blocks += 1
            guard blocks <= 2000 else { throw InputError.badFITS("a header is longer than 2000 blocks") }
            let block = cursor.window
            var isOver = false
            for start in stride(from: 0, to: 2880, by: 80) where !isOver {
                let card = UnsafeRawBufferPointer(rebasing: block[start..<start + 80])
                let key = String(decoding: card.prefix(8), as: UTF8.self).filter { $0 != " " }
                if key == "END" { isOver = true }
                if blocks == 1, start == 0, key != "SIMPLE", key != "XTENSION" { return nil }
                if key == "CONTINUE", let last, values[last]?.last == "&",
                    let more = Self.text(UnsafeRawBufferPointer(rebasing: card[8...]))
                {
                    values[last] = (values[last].map { String($0.dropLast()) } ?? "") + more
                } else if card[8] == UInt8(ascii: "="), card[9] == UInt8(ascii: " ") {
                    values[key] = Self.value(UnsafeRawBufferPointer(rebasing: card[10...]))
                    last = key
                }
            }
            cursor.skip(2880)
            if isOver { return }
        }
    }

    func text(_ key: String) -> String? {
        values[key].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// A size, a number of things or a place, so small that a sum of several can't overflow; nil for what is beyond 2**40.
    func int(_ key: String) -> Int? {
        int64(key).flatMap { $0.magnitude <= 1 << 40 ? Int($0) : nil }
    }

    func int64(_ key: String) -> Int64? {
        values[key].flatMap { Int64($0) ?? Double($0).flatMap { Int64(exactly: $0) } }
    }

    /// What stands for a key that is not there; nil for one that is no ``int(_:)``.
    func int(_ key: String, otherwise: Int) -> Int? {
        text(key) == nil ? otherwise : int(key)
    }

    func double(_ key: String) -> Double? {
        values[key].flatMap { Double(String($0.map { $0 == "D" || $0 == "d" ? "e" : $0 })) }
    }

    /// Bytes of the data behind the header, without filling (FITS 4.0 §4.4.1.2); nil when they make no sense.
    var dataSize: Int? {
        guard let axes = int("NAXIS", otherwise: 0), (0...999).contains(axes) else { return nil }
        guard axes > 0 else { return 0 }
        var size = 1
        for axis in 1...axes {
            guard let length = int("NAXIS\(axis)"), length >= 0,
                case let (product, isTooLarge) = size.multipliedReportingOverflow(by: length), !isTooLarge
            else { return nil }
            size = product
        }
        guard let extra = int("PCOUNT", otherwise: 0), let groups = int("GCOUNT", otherwise: 1), let bits = int("BITPIX", otherwise: 8)
        else { return nil }
        var isTooLarge = false
        (size, isTooLarge) = size.addingReportingOverflow(extra)
        guard !isTooLarge, size >= 0, groups >= 0 else { return nil }
        for factor in [groups, max(1, abs(bits) / 8)] {
            (size, isTooLarge) = size.multipliedReportingOverflow(by: factor)
            if isTooLarge { return nil }
        }
        return size <= Self.largest ? size : nil
    }

    /// A petabyte: more than will come, and far from what an Int can't hold.
    private static let largest = 1 << 50

    private static func value(_ bytes: UnsafeRawBufferPointer) -> String {
        if let text = text(bytes) { return text }
        let plain = bytes.prefix { $0 != UInt8(ascii: "/") }
        return String(decoding: plain, as: UTF8.self).filter { $0 != " " }
    }

    /// `'O''Neill  '` gives O'Neill; nil for what is not in quotes.
    private static func text(_ bytes: UnsafeRawBufferPointer) -> String? {
        guard let start = bytes.firstIndex(where: { $0 != 0x20 }), bytes[start] == UInt8(ascii: "'") else { return nil }
        var text: [UInt8] = []
        var index = start + 1
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "'") {
                guard index + 1 < bytes.count, bytes[index + 1] == UInt8(ascii: "'") else { break }
                index += 1
            }
            text.append(bytes[index])
            index += 1
        }
        while text.last == 0x20 { text.removeLast() }
        return String(decoding: text, as: UTF8.self)
    }
}

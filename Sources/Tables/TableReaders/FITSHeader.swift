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

    func int(_ key: String) -> Int? {
        values[key].flatMap { Int($0) ?? Double($0).flatMap { Int(exactly: $0) } }
    }

    func double(_ key: String) -> Double? {
        values[key].flatMap { Double(String($0.map { $0 == "D" || $0 == "d" ? "e" : $0 })) }
    }

    /// Bytes of the data behind the header, without filling.
    var dataSize: Int? {
        let axes = int("NAXIS") ?? 0
        guard axes > 0, axes <= 999 else { return axes == 0 ? 0 : nil }
        var size = 1
        for axis in 1...axes {
            guard let length = int("NAXIS\(axis)"), length >= 0,
                case let (product, isTooLarge) = size.multipliedReportingOverflow(by: length), !isTooLarge
            else { return nil }
            size = product
        }
        guard let sum = Optional(size.addingReportingOverflow(int("PCOUNT") ?? 0)), !sum.overflow, sum.partialValue >= 0 else { return nil }
        let all = sum.partialValue.multipliedReportingOverflow(by: (int("GCOUNT") ?? 1) * max(1, abs(int("BITPIX") ?? 8) / 8))
        return all.overflow ? nil : all.partialValue
    }

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

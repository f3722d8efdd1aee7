extension String {
    /// With each ASCII character of that kind written twice: the heart of quoting, in SQL and in ADQL.
    ///
    /// It works on bytes. A quote with a combining mark behind it is another `Character` for Swift, and still a quote for every parser.
    package func doubling(_ character: Unicode.Scalar) -> String {
        let byte = UInt8(ascii: character)
        guard utf8.contains(byte) else { return self }
        var doubled: [UInt8] = []
        doubled.reserveCapacity(utf8.count + 8)
        for each in utf8 {
            doubled.append(each)
            if each == byte { doubled.append(byte) }
        }
        return String(decoding: doubled, as: UTF8.self)
    }
}

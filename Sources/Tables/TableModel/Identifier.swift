/// How ADQL writes a name: bare when it may, in double quotes when it must.
package enum Identifier {
    /// `ra` stays `ra`; `size`, `Mixed Case` and `2mass` come back delimited, inner quotes doubled (ADQL 2.1 §2.1.2).
    ///
    /// A name counts as bare only when it is lower case too, so that it reads the same in every client.
    package static func adql(_ name: String) -> String {
        isRegular(name) && name == name.lowercased() && !ReservedWords.contains(name)
            ? name : "\"\(name.doubling("\""))\""
    }

    /// Whether the text has the form `[A-Za-z][A-Za-z0-9_]*`.
    package static func isRegular(_ name: String) -> Bool {
        guard let first = name.utf8.first, isLetter(first) else { return false }
        return name.utf8.allSatisfy { isLetter($0) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || $0 == UInt8(ascii: "_") }
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }
}

extension Column {
    /// The name as a query must write it, and as TAP_SCHEMA lists it.
    package var adqlName: String { Identifier.adql(name) }
}

extension Table {
    /// The full name as a query must write it, and as TAP_SCHEMA lists it: `gaia.completesource`.
    package var adqlName: String { "\(schema == Self.uploadSchema ? schema : Identifier.adql(schema)).\(Identifier.adql(name))" }
}

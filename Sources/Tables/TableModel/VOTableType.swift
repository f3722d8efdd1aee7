/// How a column's values are declared in a VOTable, in TAP_SCHEMA and in `/tables`.
///
/// Source: VOTable 1.4 §2.1 (datatypes), §2.2 (arraysize), DALI 1.1 §3.3 (xtype).
package struct VOTableType: Hashable, Sendable, Codable {
    /// One of VOTable's primitive datatypes.
    package enum Datatype: String, Hashable, Sendable, Codable, CaseIterable {
        case boolean, bit, unsignedByte, short, int, long, char, unicodeChar, float, double, floatComplex, doubleComplex
    }

    package var datatype: Datatype
    /// Absent for a scalar, else `n`, `*`, `n*` or a product such as `3x*`. Never `1`.
    package var arraysize: String?
    /// A DALI name such as `timestamp`, `point`, `circle`, `polygon`, `uuid`.
    package var xtype: String?

    package init(_ datatype: Datatype, arraysize: String? = nil, xtype: String? = nil) {
        self.datatype = datatype
        self.arraysize = arraysize
        self.xtype = xtype
    }

    /// The numeric part of a one-dimensional arraysize, as TAP_SCHEMA's column `"size"` has it: `256*` gives 256, `*` and scalars nil.
    package var size: Int? {
        guard let arraysize else { return nil }
        return Int(arraysize.hasSuffix("*") ? String(arraysize.dropLast()) : arraysize)
    }
}

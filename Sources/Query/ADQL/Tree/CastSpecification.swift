/// `CAST(x AS DOUBLE PRECISION)` (ADQL 2.1 §4.7).
package struct CastSpecification: Hashable, Sendable {
    package var value: ValueExpression
    package var target: CastTarget
    package var span: TextSpan

    package init(value: ValueExpression, target: CastTarget, span: TextSpan = .none) {
        self.value = value
        self.target = target
        self.span = span
    }
}

/// The type after AS: `INTEGER`, `VARCHAR(10)`, `POINT`.
package struct CastTarget: Hashable, Sendable {
    /// The raw value is how ADQL writes it.
    package enum TypeName: String, Hashable, Sendable, CaseIterable {
        case smallint = "SMALLINT"
        case integer = "INTEGER"
        case bigint = "BIGINT"
        case real = "REAL"
        case doublePrecision = "DOUBLE PRECISION"
        case char = "CHAR"
        case varchar = "VARCHAR"
        case timestamp = "TIMESTAMP"
        case point = "POINT"
        case circle = "CIRCLE"
        case polygon = "POLYGON"
    }

    package var name: TypeName
    /// `(10)`; only of CHAR and VARCHAR.
    package var length: Int?
    package var span: TextSpan

    package init(_ name: TypeName, length: Int? = nil, span: TextSpan = .none) {
        self.name = name
        self.length = length
        self.span = span
    }
}

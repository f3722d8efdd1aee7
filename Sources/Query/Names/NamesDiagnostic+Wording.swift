import ADQL
import TableModel

/// All that the resolver can say, on one page. Names stand as the user typed them.
extension NamesDiagnostic {
    // MARK: Names

    static func unknownTable(_ name: QualifiedName, nearest: [String]) -> Self {
        Self(
            .unknownTable, "unknown table \(name.quoted)",
            hint: nearest.isEmpty ? "TAP_SCHEMA.tables lists what there is" : "nearest: \(nearest.joined(separator: ", "))",
            at: name.span)
    }

    static func unknownUpload(_ name: QualifiedName, uploads: [String]) -> Self {
        Self(
            .unknownTable, "unknown table \(name.quoted)",
            hint: uploads.isEmpty ? "this request uploads no table" : "this request uploads \(uploads.prefix(10).joined(separator: ", "))",
            at: name.span)
    }

    static func unknownColumn(_ name: QualifiedName, in place: String?, nearest: [String]) -> Self {
        Self(
            .unknownColumn, "unknown column \(name.name.quoted)" + (place.map { " in \($0)" } ?? ""),
            hint: nearest.isEmpty ? nil : "nearest: \(nearest.map { "\"\($0)\"" }.joined(separator: ", "))", at: name.span)
    }

    /// The column would be there, but for its double quotes or its letter case.
    static func inexactColumn(_ name: QualifiedName, in place: String?, actual: String) -> Self {
        Self(
            .unknownColumn, "unknown column \(name.name.quoted)" + (place.map { " in \($0)" } ?? ""),
            hint: "a name in double quotes must match in letter case too: \(Identifier.adql(actual))", at: name.span)
    }

    /// A string in double quotes, most likely.
    static func quotedString(_ name: QualifiedName, in place: String?) -> Self {
        Self(
            .unknownColumn, "unknown column \(name.name.quoted)" + (place.map { " in \($0)" } ?? ""),
            hint: "double quotes mark a name; a string stands in single quotes: '\(name.name.text)'", at: name.span)
    }

    /// An alias of the SELECT list where only columns count.
    static func aliasInCondition(_ name: QualifiedName) -> Self {
        Self(
            .unknownColumn, "\(name.name.quoted) is an alias of SELECT and not known here",
            hint: "repeat its expression, or put the query into FROM: SELECT … FROM (SELECT …) AS q WHERE …", at: name.span)
    }

    /// `ra.dec`, where a comma was meant.
    static func columnAsQualifier(_ name: QualifiedName, column: String) -> Self {
        Self(
            .unknownTable, "\(column) is a column and no table of this FROM",
            hint: "a comma stands between two columns: \(column), \(name.name.text)", at: name.span)
    }

    /// A calculation in double quotes.
    static func quotedExpression(_ name: QualifiedName, in place: String?) -> Self {
        Self(
            .unknownColumn, "unknown column \(name.name.quoted)" + (place.map { " in \($0)" } ?? ""),
            hint: "double quotes make it one name; to have it computed, leave them out: \(name.name.text)", at: name.span)
    }

    /// Schema and table in one pair of double quotes.
    static func quotedTogether(_ name: QualifiedName, table: String) -> Self {
        Self(.unknownTable, "unknown table \(name.quoted)", hint: "each part has quotes of its own, or none: \(table)", at: name.span)
    }

    static func unknownQualifier(_ name: QualifiedName, known: [String]) -> Self {
        let qualifier = name.qualifier.map(\.text).joined(separator: ".")
        return Self(
            .unknownTable, "\(qualifier) is no table of this FROM", hint: "tables here: \(known.joined(separator: ", "))", at: name.span)
    }

    /// A table that an alias has renamed.
    static func hiddenTable(_ name: QualifiedName, alias: String) -> Self {
        let qualifier = name.qualifier.map(\.text).joined(separator: ".")
        return Self(
            .unknownTable, "\(qualifier) is called \(alias) in this FROM",
            hint: "write \(alias).\(name.name.delimited ? name.name.quoted : name.name.text)", at: name.span)
    }

    static func ambiguousTable(_ name: QualifiedName, candidates: [String]) -> Self {
        Self(.ambiguousTable, "table \(name.quoted) is ambiguous", hint: "write \(candidates.orList)", at: name.span)
    }

    static func ambiguousColumn(_ name: QualifiedName, candidates: [String]) -> Self {
        Self(
            .ambiguousColumn, "column \(name.name.quoted) is ambiguous",
            hint: Set(candidates).count > 1 ? "write \(candidates.orList)" : "rename one of the columns with AS", at: name.span)
    }

    static func duplicateTable(_ name: String, at span: TextSpan) -> Self {
        Self(.duplicateName, "two tables of this FROM are called \(name)", hint: "rename one: \(name) AS a", at: span)
    }

    static func duplicateCommonTable(_ name: Name) -> Self {
        Self(.duplicateName, "two common tables are called \(name.quoted)", hint: "rename one of them", at: name.span)
    }

    static func noCommonColumn(_ name: Name, side: String) -> Self {
        Self(.unknownColumn, "unknown column \(name.quoted) \(side) of the join", hint: "USING needs it on both sides", at: name.span)
    }

    static func noNaturalColumn(at span: TextSpan) -> Self {
        Self(
            .unknownColumn, "the tables of this NATURAL JOIN have no column in common",
            hint: "write JOIN … ON with a condition, or CROSS JOIN for all pairs of rows", at: span)
    }

    static func fullJoin(at span: TextSpan) -> Self {
        Self(
            .joinCondition, "this FULL JOIN compares no value of one side with one of the other",
            hint: "it needs an equality, alone or joined with AND: ON a.id = b.id AND …", at: span)
    }

    static func ambiguousCommonColumn(_ name: Name, side: String) -> Self {
        Self(.ambiguousColumn, "column \(name.quoted) occurs more than once \(side) of the join", hint: "write ON instead", at: name.span)
    }

    static func unknownFunction(_ name: Name, nearest: [String]) -> Self {
        Self(
            .unknownFunction, "unknown function \(name.text)",
            hint: habits[name.text.uppercased()]
                ?? (nearest.isEmpty ? "the capabilities list what there is" : "nearest: \(nearest.joined(separator: ", "))"),
            at: name.span)
    }

    /// What ADQL has for functions of other databases.
    private static let habits: [String: String] = [
        "LN": "the natural logarithm is LOG(x)", "LOG2": "write LOG(x) / LOG(2)", "SQUARE": "write x * x or POWER(x, 2)",
        "CONCAT": "texts are joined with ||", "STDDEV": deviation, "STDEV": deviation, "STDDEV_POP": deviation, "STDDEV_SAMP": deviation,
        "STD": deviation, "VARIANCE": variance, "VAR": variance, "VAR_POP": variance, "VAR_SAMP": variance,
        "IF": "write CASE WHEN … THEN … ELSE … END", "IIF": "write CASE WHEN … THEN … ELSE … END",
        "IFNULL": "write COALESCE(x, y)", "NVL": "write COALESCE(x, y)", "ISNULL": "write x IS NULL, or COALESCE(x, y)",
        "NULLIF": "write CASE WHEN x = y THEN NULL ELSE x END", "NOW": moment, "GETDATE": moment, "SYSDATE": moment, "YEAR": period,
        "MONTH": period, "DAY": period, "CONVERT": "write CAST(x AS type)", "TO_CHAR": "write CAST(x AS VARCHAR)",
        "TO_NUMBER": "write CAST(x AS DOUBLE PRECISION)", "RANDOM": "a random number is RAND()",
        "GREATEST": "write CASE WHEN a > b THEN a ELSE b END",
        "LEAST": "write CASE WHEN a < b THEN a ELSE b END", "ARCTAN": "write ATAN(x)", "ARCSIN": "write ASIN(x)", "ARCCOS": "write ACOS(x)",
        "SUBSTR": "match parts of a text with LIKE", "SUBSTRING": "match parts of a text with LIKE",
        "Q3C_RADIAL_QUERY": cone, "Q3C_JOIN": cone, "FGETNEARBYOBJEQ": cone,
    ]
    private static let deviation = "the standard deviation is SQRT(AVG(x * x) - AVG(x) * AVG(x))"
    private static let variance = "the variance is AVG(x * x) - AVG(x) * AVG(x)"
    private static let moment = "write the time as a string: '2016-01-01T12:00:00'"
    private static let period = "compare with both ends: t >= '2016-01-01' AND t < '2017-01-01'"
    private static let cone = "a cone is 1 = CONTAINS(POINT(ra, dec), CIRCLE(10, 20, 0.5))"

    // MARK: Functions and operators

    static func argumentCount(_ function: String, found: Int, forms: [String], at span: TextSpan) -> Self {
        Self(
            .argumentCount, "\(function) does not take \(found == 0 ? "no" : "\(found)") argument\(found == 1 ? "" : "s")",
            hint: "it is \(forms.orList)", at: span)
    }

    static func argumentType(
        _ function: String, position: Int, expected: String, found: ValueType, forms: [String], at span: TextSpan
    ) -> Self {
        Self(
            .argumentType, "argument \(position) of \(function) must be \(expected), not \(found.phrase)", hint: "it is \(forms.orList)",
            at: span)
    }

    static func noForm(_ function: String, found: [ValueType], forms: [String], at span: TextSpan) -> Self {
        Self(
            .argumentType, "\(function) does not take \(found.map(\.phrase).joined(separator: ", "))", hint: "it is \(forms.orList)",
            at: span)
    }

    static func noCommonType(_ function: String, _ a: ValueType, _ b: ValueType, at span: TextSpan) -> Self {
        Self(
            .argumentType, "the values of \(function) must be of one type, not \(a.phrase) and \(b.phrase)", hint: "convert one with CAST",
            at: span)
    }

    static func swappedContains(at span: TextSpan) -> Self {
        Self(
            .argumentType, "a shape cannot lie inside a point",
            hint: "the inner one comes first: CONTAINS(point, shape)", at: span)
    }

    static func oddCoordinates(at span: TextSpan) -> Self {
        Self(
            .argumentCount, "POLYGON has a longitude without a latitude",
            hint: "coordinates come in pairs: POLYGON(lon1, lat1, lon2, lat2, lon3, lat3, …)", at: span)
    }

    static func latitude(_ value: Double, at span: TextSpan) -> Self {
        Self(
            .argumentValue, "the latitude \(value.brief) is outside -90 to 90 degrees",
            hint: "the longitude comes first, then the latitude",
            at: span)
    }

    static func radius(_ value: Double, at span: TextSpan) -> Self {
        Self(
            .argumentValue, "the radius \(value.brief) is outside 0 to 90 degrees",
            hint: value > 90 ? "for more than a hemisphere write DISTANCE(…) <= \(value.brief)" : nil, at: span)
    }

    static func boxSide(_ value: Double, at span: TextSpan) -> Self {
        Self(.argumentValue, "a BOX cannot be \(value.brief) degrees wide or high", hint: "both must lie between 0 and 180", at: span)
    }

    static func unknownFrame(_ frame: String, at span: TextSpan) -> Self {
        Self(
            .unknownFrame, "unknown reference frame '\(frame)'",
            hint: "coordinates are ICRS; the argument may be left out", at: span)
    }

    /// A frame for ivo_geom_transform, whose letter case counts.
    static func unknownFrame(_ frame: String, known: [String], at span: TextSpan) -> Self {
        Self(.unknownFrame, "unknown reference frame '\(frame)'", hint: "known: \(known.joined(separator: ", "))", at: span)
    }

    static func differentFrames(_ a: String, _ b: String, at span: TextSpan) -> Self {
        Self(
            .unknownFrame, "shapes in \(a) and in \(b) cannot be compared",
            hint: "give both in ICRS; a coordinate system argument converts nothing", at: span)
    }

    static func unreadableRegion(_ text: String, at span: TextSpan) -> Self {
        Self(
            .argumentValue, "'\(text)' is no shape",
            hint: "for example REGION('circle 10 20 0.5') or REGION('polygon 10 0 20 0 15 10')", at: span)
    }

    static func unsupportedRegion(_ word: String, at span: TextSpan) -> Self {
        Self(
            .argumentValue, "REGION does not read \(word)",
            hint:
                "it reads point, circle, box, polygon, moc and allsky, in degrees; several shapes are joined with OR: 1 = CONTAINS(…) OR 1 = CONTAINS(…)",
            at: span)
    }

    static func unreadableCoverage(_ text: String, _ problem: String, at span: TextSpan) -> Self {
        Self(
            .argumentValue, "'\(text.prefix(40))\(text.utf8.count > 40 ? "…" : "")' is no MOC: \(problem)",
            hint: "for example MOC('4/1-3 5/20')", at: span)
    }

    static func coverageOrder(_ order: Double, at span: TextSpan) -> Self {
        Self(.argumentValue, "the order \(order.brief) of a MOC is outside 0 to 29", hint: nil, at: span)
    }

    static func notALiteral(_ function: String, _ argument: String, at span: TextSpan) -> Self {
        Self(
            .argumentValue, "the \(argument) of \(function) must be a literal", hint: "it is needed before any row is read", at: span)
    }

    static func bins(_ count: Double, limit: Int, at span: TextSpan) -> Self {
        Self(
            .argumentValue, "a histogram can't have \(count.brief) bins",
            hint: "there may be 1 to \(limit); for more, GROUP BY FLOOR(x / width)", at: span)
    }

    static func healpixOrder(_ order: Double, at span: TextSpan) -> Self {
        Self(.argumentValue, "there is no HEALPix order \(order.brief)", hint: "orders go from 0 to 29", at: span)
    }

    static func edges(_ lower: Double, _ upper: Double, at span: TextSpan) -> Self {
        Self(
            .argumentValue, "a histogram can't reach from \(lower.brief) to \(upper.brief)",
            hint: "the lower edge comes first, then the upper",
            at: span)
    }

    // MARK: Units

    static func unknownUnit(_ unit: String, _ error: UnitError, at span: TextSpan) -> Self {
        Self(.unknownUnit, "'\(unit.prefix(80))' is no unit: \(error.reason)", hint: error.hint, at: span)
    }

    static func noUnit(at span: TextSpan) -> Self {
        Self(
            .unknownUnit, "the unit of this value is not known",
            hint: "columns have units, and what is worked out from them by + - * / and ADQL's functions", at: span)
    }

    /// A column whose own unit is none that can be worked with.
    static func unreadableUnit(_ unit: String, _ error: UnitError, at span: TextSpan) -> Self {
        Self(
            .unknownUnit, "the unit of this value, '\(unit.prefix(80))', cannot be converted: \(error.reason)",
            hint: "multiply by a number of your own", at: span)
    }

    static func incommensurable(_ from: String, _ a: Unit, _ to: String, _ b: Unit, at span: TextSpan) -> Self {
        let reason: String
        let logarithms = Set(a.logarithms).symmetricDifference(b.logarithms)
        if a.powers == b.powers {
            reason = "the factor between them is beyond what a number holds"
        } else if let scale = logarithms.sorted().first {
            reason =
                "\(scale) is a logarithmic scale, whose zero point the unit does not tell; write the formula, as in POWER(10, -0.4 * mag)"
        } else if SpectralQuantity(a) != nil, SpectralQuantity(b) != nil {
            reason = "gavo_specconv converts between wavelength, frequency, energy and wavenumber"
        } else {
            reason = "the first measures \(a.dimension), the second \(b.dimension)"
        }
        return Self(.unknownUnit, "\(from.nameOfUnit) cannot be converted to \(to.nameOfUnit)", hint: reason, at: span)
    }

    static func notSpectral(_ unit: String, at span: TextSpan) -> Self {
        Self(
            .unknownUnit, "\(unit.nameOfUnit) measures neither a wavelength, a frequency, an energy nor a wavenumber",
            hint: "such are nm, GHz, keV and cm**-1", at: span)
    }

    static func operandType(_ operator: String, _ found: ValueType, at span: TextSpan) -> Self {
        Self(
            .operandType, "\(`operator`) works on numbers, not on \(found.phrase)",
            hint: found.isText ? (`operator` == "+" ? "texts are joined with ||" : "convert it with CAST(… AS DOUBLE PRECISION)") : nil,
            at: span)
    }

    static func notText(_ operator: String, _ found: ValueType, at span: TextSpan) -> Self {
        Self(
            .operandType, "\(`operator`) works on text, not on \(found.phrase)",
            hint: found.isGeometry ? nil : "convert it with CAST(… AS VARCHAR)", at: span)
    }

    static func aggregateType(_ function: String, _ found: ValueType, at span: TextSpan) -> Self {
        Self(.operandType, "\(function) does not take \(found.phrase)", hint: nil, at: span)
    }

    static func cast(_ from: ValueType, to target: String, at span: TextSpan) -> Self {
        Self(.castType, "\(from.phrase) cannot be converted to \(target)", hint: nil, at: span)
    }

    static func castLength(_ length: Int, at span: TextSpan) -> Self {
        Self(.castType, "a length of \(length) is outside 1 to 10485760", hint: nil, at: span)
    }

    static func incomparable(_ a: ResolvedExpression, _ b: ResolvedExpression, at span: TextSpan) -> Self {
        let hint: String?
        switch (a.node, b.node) {
        case (.string(let text), _) where b.type.isNumeric && Double(text) != nil,
            (_, .string(let text)) where a.type.isNumeric && Double(text) != nil:
            hint = "a number stands without quotes: \(text)"
        case (.string, _) where b.type == .timestamp, (_, .string) where a.type == .timestamp:
            hint = "a timestamp is written '2016-01-01T12:00:00'"
        case (_, .integer(let number)) where a.type.isText: hint = "a text stands in single quotes: '\(number)'"
        case (.integer(let number), _) where b.type.isText: hint = "a text stands in single quotes: '\(number)'"
        default:
            let isTruth = a.type == .boolean || b.type == .boolean
            hint =
                isTruth
                ? "compare a truth value with 1 or 0"
                : a.type == b.type || a.type.isGeometry || b.type.isGeometry ? nil : "convert one with CAST"
        }
        return Self(.incomparableTypes, "\(a.type.phrase) cannot be compared with \(b.type.phrase)", hint: hint, at: span)
    }

    static func unordered(_ type: ValueType, at span: TextSpan) -> Self {
        Self(
            .incomparableTypes, "\(type.phrase) cannot be compared this way",
            hint: type == .point ? "compare its COORD1 and COORD2, or the DISTANCE" : nil, at: span)
    }

    static func numberRange(_ text: String, at span: TextSpan) -> Self {
        Self(
            .numberRange, "the number \(text.prefix(40))\(text.utf8.count > 40 ? "…" : "") is too large",
            hint: "numbers go up to 1.7e308", at: span)
    }

    // MARK: Clauses

    static func notGrouped(_ name: String, at span: TextSpan) -> Self {
        Self(
            .notGrouped, "column \"\(name)\" is neither grouped nor aggregated",
            hint: "add it to GROUP BY, or take MIN(\(name)), MAX(\(name)) or another aggregate", at: span)
    }

    static func groupedPosition(_ position: String, at span: TextSpan) -> Self {
        Self(
            .notGrouped, "GROUP BY takes columns and expressions, not positions", hint: "repeat the expression in place of \(position)",
            at: span)
    }

    static func ungroupable(_ type: ValueType, clause: String, at span: TextSpan) -> Self {
        Self(
            .incomparableTypes, "\(clause) does not work with \(type.phrase)",
            hint: type == .point ? "take COORD1 and COORD2 of it" : nil, at: span)
    }

    static func misplacedAggregate(_ function: String, clause: String, at span: TextSpan) -> Self {
        Self(
            .misplacedAggregate, "\(function) can't stand in \(clause)",
            hint: clause == "WHERE" ? "conditions on groups belong to HAVING" : nil, at: span)
    }

    static func nestedAggregate(_ function: String, at span: TextSpan) -> Self {
        Self(
            .misplacedAggregate, "\(function) can't stand inside another aggregate", hint: "take the inner one in a subquery in FROM",
            at: span)
    }

    static func outerAggregate(_ function: String, at span: TextSpan) -> Self {
        Self(
            .misplacedAggregate, "\(function) has columns of the outer query alone", hint: "aggregate them in the outer query", at: span)
    }

    static func oneColumn(_ found: Int, place: String, at span: TextSpan) -> Self {
        Self(.columnCount, "the subquery \(place) must have one column, not \(found)", hint: nil, at: span)
    }

    static func setColumns(_ operator: String, _ left: Int, _ right: Int, at span: TextSpan) -> Self {
        Self(
            .columnCount, "the sides of \(`operator`) have \(left) and \(right) columns", hint: "both must have as many", at: span)
    }

    static func setTypes(_ operator: String, column: Int, _ left: ValueType, _ right: ValueType, at span: TextSpan) -> Self {
        Self(
            .setTypes, "column \(column) is \(left.phrase) on one side of \(`operator`) and \(right.phrase) on the other",
            hint: "convert one with CAST", at: span)
    }

    static func orderPosition(_ position: Int, count: Int, at span: TextSpan) -> Self {
        Self(
            .orderBy, "ORDER BY \(position) is no output column", hint: count == 1 ? "there is 1" : "there are \(count)", at: span)
    }

    static func orderSet(at span: TextSpan) -> Self {
        Self(
            .orderBy, "after a set operation ORDER BY takes output columns alone", hint: "write a name or a position of the first SELECT",
            at: span)
    }

    static func orderDistinct(at span: TextSpan) -> Self {
        Self(.orderBy, "with DISTINCT, ORDER BY takes what is selected alone", hint: "add the expression to SELECT", at: span)
    }

    static func tooComplex(limit: Int, what: String, at span: TextSpan) -> Self {
        Self(
            .tooComplex, "the query has more than \(limit) \(what)", hint: "upload a table in their place, or ask in several queries",
            at: span)
    }
}

extension Name {
    /// `"ra2000"`: the name as messages show it.
    var quoted: String { "\"\(text)\"" }
}

extension QualifiedName {
    var quoted: String { "\"\(parts.map(\.text).joined(separator: "."))\"" }
}

extension [String] {
    /// `a, b or c`
    var orList: String {
        count < 2 ? joined() : "\(dropLast().joined(separator: ", ")) or \(self[count - 1])"
    }
}

extension String {
    /// `'km/s'`; a pure number has no name.
    fileprivate var nameOfUnit: String { isEmpty ? "a pure number" : "'\(self)'" }
}

extension Double {
    /// Without a trailing `.0`.
    var brief: String { self == rounded() && abs(self) < 1e15 ? String(Int64(self)) : description }
}

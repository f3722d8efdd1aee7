import ADQL
import Names
import TableModel

/// Conditions. Each is written so that NOT, AND and OR can stand beside it.
extension Translation {
    mutating func condition(_ condition: ResolvedCondition) {
        switch condition {
        case .and(let conditions): group(conditions, " AND ")
        case .or(let conditions): group(conditions, " OR ")
        case .not(.not(let inner)): self.condition(inner)
        case .not(.comparison(let left, let op, let right)) where Separation(left) != nil || Separation(right) != nil:
            comparison(left, op.negated, right)
        case .not(let inner):
            out += "(NOT "
            self.condition(inner)
            out += ")"
        case .comparison(let left, let op, let right): comparison(left, op, right)
        case .between(let value, let negated, let lower, let upper): between(value, negated, lower, upper)
        case .list(let value, let negated, let list): membership(value, negated, list)
        case .membership(let value, let negated, let subquery): membership(value, negated, subquery)
        case .like(let value, let negated, let caseInsensitive, let pattern):
            out += "("
            operand(value, beside: pattern, common: .varchar(nil))
            out += "\(negated ? " NOT" : "") \(caseInsensitive ? "ILIKE" : "LIKE") "
            operand(pattern, beside: value, common: .varchar(nil))
            // ADQL has no escape character; PostgreSQL would take the backslash for one.
            out += " ESCAPE '')"
        case .isNull(let value, let negated):
            out += "("
            self.value(value)
            out += negated ? " IS NOT NULL)" : " IS NULL)"
        case .exists(let subquery):
            out += "EXISTS ("
            self.subquery(subquery, types: subquery.columns.map(\.type), .natural)
            out += ")"
        case .unresolved: out += "NULL::bool"
        }
    }

    private mutating func group(_ conditions: [ResolvedCondition], _ separator: String) {
        guard !conditions.isEmpty else {
            out += "TRUE"
            return
        }
        out += "("
        list(conditions, separator: separator) { $0.condition($1) }
        out += ")"
    }

    // MARK: Comparisons

    mutating func comparison(_ left: ResolvedExpression, _ op: Comparison.Operator, _ right: ResolvedExpression) {
        if test(left, op, right) || test(right, op.mirrored, left) { return }
        if distance(left, op, right) || distance(right, op.mirrored, left) { return }
        if key(left, op, right) || key(right, op.mirrored, left) { return }
        let common = left.type.common(with: right.type) ?? left.type
        let isNegated = common.isGeometry && op == .notEqual
        out += isNegated ? "(NOT (" : "("
        operand(left, beside: right, common: common)
        out += isNegated ? " = " : " \(op.rawValue) "
        operand(right, beside: left, common: common)
        out += isNegated ? "))" : ")"
    }

    /// Writes one side of a comparison, leaving a column as it is wherever that is possible, so that an index serves it.
    private mutating func operand(_ expression: ResolvedExpression, beside other: ResolvedExpression, common: ValueType) {
        if parameter(expression) { return }
        if common.isNumeric, expression.type.isNumeric { return value(expression) }
        if case .string(let text) = expression.node, expression.type.isText, other.isStoredText {
            // Without a type it takes the column's, be it char(n), varchar or an enumeration.
            return literal(text)
        }
        value(expression, as: common)
    }

    /// `1 = CONTAINS(…)` and the like: the condition itself, or its negation.
    private mutating func test(_ call: ResolvedExpression, _ op: Comparison.Operator, _ other: ResolvedExpression) -> Bool {
        guard let value = other.constant else { return false }
        return test(call) { op.holds($0, value) }
    }

    /// The same for whatever else is asked of a function that is 0 or 1.
    private mutating func test(_ call: ResolvedExpression, _ holds: (Double) -> Bool) -> Bool {
        guard case .function(let form, let arguments) = call.node, form.isTest else { return false }
        switch (holds(0), holds(1)) {
        case (false, true): test(form, arguments)
        case (true, false):
            out += "(NOT "
            test(form, arguments)
            out += ")"
        default: return false
        }
        return true
    }

    /// A row identifier or access_url beside a literal: the key, so that the primary key's index serves it.
    private mutating func key(_ row: ResolvedExpression, _ op: Comparison.Operator, _ other: ResolvedExpression) -> Bool {
        guard row.type.isRowKey, op == .equal || op == .notEqual, case .string(let text) = other.node else { return false }
        out += "("
        value(row)
        if let key = key(of: text, for: row.type) {
            out += op == .equal ? " = " : " <> "
            self.key(key)
        } else {
            out += op == .equal ? Self.neverEqual : Self.alwaysDifferent
        }
        out += ")"
        return true
    }

    /// For a name that no row of the table has, the comparison is known, but where the row itself is NULL.
    private static let neverEqual = " IS NULL AND NULL::bool"
    private static let alwaysDifferent = " IS NOT NULL OR NULL::bool"

    private mutating func key(_ key: Int64) {
        out += key < 0 ? "'\(key)'::int8" : String(key)
    }

    /// The row's key, when the text is a name that a row of this table could have.
    private func key(of text: String, for type: ValueType) -> Int64? {
        let tag: TableTag
        var uuid = text[...]
        switch type {
        case .rowIdentifier(let own): tag = own
        case .accessURL(let own):
            tag = own
            guard text.hasPrefix(options.accessURLPrefix) else { return nil }
            uuid = text.dropFirst(options.accessURLPrefix.count)
            // What follows names the client, and another one's URL still names the row.
            let rest = uuid.dropFirst(36)
            guard rest.isEmpty || rest == options.accessURLSuffix || rest.hasPrefix("&") else { return nil }
            uuid = uuid.prefix(36)
        default: return nil
        }
        guard let identifier = RowIdentifier(uuid: uuid), identifier.tag == tag else { return nil }
        return identifier.key
    }

    // MARK: BETWEEN and IN

    private mutating func between(
        _ value: ResolvedExpression, _ negated: Bool, _ lower: ResolvedExpression, _ upper: ResolvedExpression
    ) {
        if let from = lower.constant, let to = upper.constant, test(value, { ($0 >= from && $0 <= to) != negated }) { return }
        // `DISTANCE(…) BETWEEN 0 AND r`, and `r BETWEEN DISTANCE(…) AND x`.
        if !negated, Separation(value) != nil || Separation(lower) != nil, value.isSimple {
            out += "("
            comparison(value, .greaterOrEqual, lower)
            out += " AND "
            comparison(value, .lessOrEqual, upper)
            out += ")"
            return
        }
        let common = [lower, upper].reduce(value.type) { $0.common(with: $1.type) ?? $0 }
        out += "("
        operand(value, beside: lower, common: common)
        out += negated ? " NOT BETWEEN " : " BETWEEN "
        operand(lower, beside: value, common: common)
        out += " AND "
        operand(upper, beside: value, common: common)
        out += ")"
    }

    private mutating func membership(_ value: ResolvedExpression, _ negated: Bool, _ elements: [ResolvedExpression]) {
        if value.type.isGeometry || elements.contains(where: \.type.isGeometry) {
            out += negated ? "(NOT (" : "("
            list(elements, separator: " OR ") { $0.comparison(value, .equal, $1) }
            out += negated ? "))" : ")"
            return
        }
        if value.type.isRowKey, keys(value, negated, elements) { return }
        let numbers = elements.compactMap(\.constant)
        if numbers.count == elements.count, test(value, { numbers.contains($0) != negated }) { return }
        let common = elements.reduce(value.type) { $0.common(with: $1.type) ?? $0 }
        out += "("
        operand(value, beside: elements[0], common: common)
        out += negated ? " NOT IN (" : " IN ("
        list(elements) { $0.operand($1, beside: value, common: common) }
        out += "))"
    }

    /// Row identifiers in a list of literals: their keys.
    private mutating func keys(_ value: ResolvedExpression, _ negated: Bool, _ elements: [ResolvedExpression]) -> Bool {
        var texts: [String] = []
        for element in elements {
            guard case .string(let text) = element.node else { return false }
            texts.append(text)
        }
        let keys = texts.compactMap { key(of: $0, for: value.type) }
        out += "("
        self.value(value)
        if keys.isEmpty {
            out += negated ? Self.alwaysDifferent : Self.neverEqual
        } else {
            out += negated ? " NOT IN (" : " IN ("
            list(keys) { $0.key($1) }
            out += ")"
        }
        out += ")"
        return true
    }

    private mutating func membership(_ value: ResolvedExpression, _ negated: Bool, _ subquery: ResolvedSubquery) {
        let column = subquery.columns[0].type
        let common = value.type.common(with: column) ?? value.type
        let bothNumbers = value.type.isNumeric && column.isNumeric
        out += "("
        self.value(value, as: bothNumbers ? value.type : common)
        out += negated ? " NOT IN (" : " IN ("
        self.subquery(subquery, types: [bothNumbers ? column : common], .natural)
        out += "))"
    }
}

extension ResolvedExpression {
    /// A text column of a published table.
    var isStoredText: Bool {
        guard type.isText, !type.isRowKey, case .column(let reference) = node, case .stored = reference.place else { return false }
        return true
    }
}

extension Comparison.Operator {
    /// The same with its sides exchanged.
    var mirrored: Self {
        switch self {
        case .equal, .notEqual: self
        case .less: .greater
        case .lessOrEqual: .greaterOrEqual
        case .greater: .less
        case .greaterOrEqual: .lessOrEqual
        }
    }

    /// What holds where this does not.
    var negated: Self {
        switch self {
        case .equal: .notEqual
        case .notEqual: .equal
        case .less: .greaterOrEqual
        case .lessOrEqual: .greater
        case .greater: .lessOrEqual
        case .greaterOrEqual: .less
        }
    }

    func holds(_ left: Double, _ right: Double) -> Bool {
        switch self {
        case .equal: left == right
        case .notEqual: left != right
        case .less: left < right
        case .lessOrEqual: left <= right
        case .greater: left > right
        case .greaterOrEqual: left >= right
        }
    }
}

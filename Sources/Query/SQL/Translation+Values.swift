import ADQL
import Names
import TableModel

/// Values. Each is written so that it can be an operand of anything: a name, a call, a cast, or in parentheses.
extension Translation {
    // MARK: Output columns

    mutating func output(_ expression: ResolvedExpression, as type: ValueType, _ encoding: Encoding) {
        switch encoding {
        case .natural: value(expression, as: type)
        case .packed: type.isGeometry ? packed(expression, type) : value(expression, as: type)
        case .wire: wire(expression, type)
        }
    }

    private mutating func wire(_ expression: ResolvedExpression, _ type: ValueType) {
        guard !type.isGeometry else { return packed(expression, type) }
        value(expression, as: type)
        // Columns may be stored otherwise than they are published (numeric, varchar, timestamptz); a cast to what is there costs nothing.
        let cast = "::\(type.sqlName)"
        if !out.hasSuffix(cast) { out += cast }
    }

    /// A shape as an array of degrees, a MOC as text.
    private mutating func packed(_ expression: ResolvedExpression, _ type: ValueType) {
        if case .column(let reference) = expression.node, reference.packed { return column(reference) }
        if case .null = expression.node {
            out += type == .moc ? "NULL::text" : "NULL::float8[]"
        } else if type == .moc {
            value(expression, as: type)
            out += "::text"
        } else {
            out += "almagest.shape("
            value(expression, as: type)
            out += ")"
        }
    }

    /// The way back from ``packed(_:_:)``.
    private mutating func unpacked(_ type: ValueType, _ write: (inout Self) -> Void) {
        switch type {
        case .point: out += "almagest.to_point("
        case .circle: out += "almagest.to_circle("
        case .polygon: out += "almagest.to_polygon("
        default:
            write(&self)
            out += "::smoc"
            return
        }
        write(&self)
        out += ")"
    }

    // MARK: Values of a certain type

    /// Writes a value as one of another type that it converts to of itself: a whole number as a double, a row identifier as text.
    mutating func value(_ expression: ResolvedExpression, as type: ValueType) {
        if case .null = expression.node {
            out += "NULL::\(type.sqlName)"
        } else if expression.type == type || type == .null {
            value(expression)
        } else if type.isText, expression.type.isRowKey {
            text(ofKey: expression)
        } else if type.isText, expression.type.isText {
            value(expression)
        } else {
            value(expression)
            out += "::\(type.sqlName)"
        }
    }

    /// Writes a value as text, whatever it is.
    private mutating func text(_ expression: ResolvedExpression) {
        switch expression.type {
        case .null: value(expression, as: .varchar(nil))
        case .char, .varchar: value(expression)
        case .rowIdentifier, .accessURL: text(ofKey: expression)
        case .timestamp:
            out += "almagest.timestamp_text("
            value(expression)
            // The column may be one with time zone.
            out += "::timestamp)"
        case .point, .circle, .polygon:
            out += "array_to_string("
            packed(expression, expression.type)
            out += ", ' ')"
        default:
            value(expression)
            out += "::text"
        }
    }

    private mutating func text(ofKey expression: ResolvedExpression) {
        switch expression.type {
        case .accessURL(let tag):
            out += "("
            literal(options.accessURLPrefix)
            out += "::text || almagest.row_uuid(\(tag.rawValue), "
            value(expression)
            out += ") || "
            literal(options.accessURLSuffix)
            out += "::text)"
        case .rowIdentifier(let tag):
            out += "almagest.row_uuid(\(tag.rawValue), "
            value(expression)
            out += ")"
        default: value(expression)
        }
    }

    // MARK: Values as they are

    mutating func value(_ expression: ResolvedExpression) {
        switch expression.node {
        case .null: out += "NULL::\(expression.type.sqlName)"
        case .integer, .number: if !parameter(expression) { number(expression) }
        case .string(let text):
            literal(text)
            out += expression.type == .timestamp ? "::timestamp" : "::text"
        case .boolean(let value): out += value ? "TRUE" : "FALSE"
        case .column(let reference):
            if reference.packed {
                unpacked(expression.type) { $0.column(reference) }
            } else {
                column(reference)
            }
        case .merged(let left, let right):
            out += "coalesce("
            value(left, as: expression.type)
            out += ", "
            value(right, as: expression.type)
            out += ")"
        case .negation(let operand):
            out += "(-"
            value(operand, as: operand.type == .null ? .double : operand.type)
            out += ")"
        case .arithmetic(let first, let steps): arithmetic(first, steps)
        case .concatenation(let operands):
            out += "("
            list(operands, separator: " || ") { $0.text($1) }
            out += ")"
        case .function(let form, let arguments): function(form, arguments, expression.type)
        case .aggregate(let kind, let distinct, let argument): aggregate(kind, distinct, argument, expression.type)
        case .cast(let operand): cast(operand, to: expression.type)
        case .case(let operand, let branches, let otherwise): self.case(operand, branches, otherwise, expression.type)
        case .subquery(let subquery):
            let write: (inout Self) -> Void = {
                $0.out += "("
                $0.subquery(subquery, types: [expression.type], .natural)
                $0.out += ")"
            }
            subquery.source.packsShapes && expression.type.isGeometry ? unpacked(expression.type, write) : write(&self)
        case .scaled(let operand, let factor):
            out += "("
            value(operand, as: .double)
            out += " * \(factor)::float8)"
        case .unresolved: out += "NULL"
        }
    }

    private mutating func number(_ expression: ResolvedExpression) {
        switch expression.node {
        // PostgreSQL would read the first number beyond INTEGER as one within it where a minus stands before it.
        case .integer(let value): out += value == 2_147_483_648 ? "2147483648::int8" : String(value)
        case .number(let value): out += "\(value)::float8"
        default: break
        }
    }

    mutating func column(_ reference: ColumnReference) {
        out += "t\(reference.source + 1)."
        switch reference.place {
        case .stored(let name): identifier(name)
        case .output(let index): out += "c\(index + 1)"
        }
    }

    private mutating func arithmetic(_ first: ResolvedExpression, _ steps: [ResolvedExpression.ArithmeticStep]) {
        out += "("
        value(first, as: first.type == .null ? steps[0].type : first.type)
        for step in steps {
            out += " \(step.operator.rawValue) "
            value(step.operand, as: step.operand.type == .null ? step.type : step.operand.type)
        }
        out += ")"
    }

    private mutating func aggregate(
        _ kind: AggregateFunction.Kind, _ distinct: Bool, _ argument: ResolvedExpression?, _ type: ValueType
    ) {
        guard let argument else {
            out += "count(*)"
            return
        }
        out += kind.rawValue
        out += distinct ? "(DISTINCT " : "("
        switch kind {
        case .count: value(argument)
        // float4 sums lose digits, and numeric ones are slow.
        case .avg: value(argument, as: .double)
        case .sum: value(argument, as: type == .double ? .double : argument.type)
        case .min, .max: value(argument, as: type)
        }
        out += kind == .sum && type == .bigint ? ")::int8" : ")"
    }

    private mutating func `case`(
        _ operand: ResolvedExpression?, _ branches: [ResolvedBranch], _ otherwise: ResolvedExpression?, _ type: ValueType
    ) {
        let tests = branches.map { branch in if case .value(let value) = branch.when { value.type } else { ValueType.null } }
        let compared = tests.reduce(operand?.type ?? .null) { $0.common(with: $1) ?? $0 }
        out += "(CASE"
        if let operand {
            out += " "
            value(operand, as: compared)
        }
        for branch in branches {
            out += " WHEN "
            switch branch.when {
            case .condition(let condition): self.condition(condition)
            case .value(let test): value(test, as: compared)
            }
            out += " THEN "
            value(branch.then, as: type)
        }
        if let otherwise {
            out += " ELSE "
            value(otherwise, as: type)
        }
        out += " END)"
    }

    private mutating func cast(_ operand: ResolvedExpression, to type: ValueType) {
        if case .null = operand.node {
            out += "NULL::\(type.sqlName)"
            return
        }
        switch type {
        case .char(let length):
            text(operand)
            out += "::char(\(length))"
        case .varchar(let length?):
            text(operand)
            out += "::varchar(\(length))"
        case .varchar: text(operand)
        case .point, .circle, .polygon:
            guard operand.type != type else { return value(operand) }
            unpacked(type) {
                $0.out += "almagest.numbers("
                $0.text(operand)
                $0.out += ")"
            }
        default:
            operand.type.isRowKey ? text(operand) : value(operand)
            if operand.type == .boolean, type.isNumeric { out += "::int4" }
            out += "::\(type.sqlName)"
        }
    }

    // MARK: Functions

    private mutating func function(_ form: FunctionForm, _ arguments: [ResolvedExpression], _ type: ValueType) {
        if form.isTest {
            test(form, arguments)
            out += "::int4"
        } else if form.function == "DISTANCE", distance(arguments) {
            return
        } else if form.template.isAtomic {
            template(form, arguments, type)
        } else {
            out += "("
            template(form, arguments, type)
            out += ")"
        }
    }

    /// The condition behind a function that is 1 or 0.
    mutating func test(_ form: FunctionForm, _ arguments: [ResolvedExpression]) {
        if cone(form, arguments) || region(form, arguments) { return }
        out += "("
        template(form, arguments, .integer)
        out += ")"
    }

    mutating func template(_ form: FunctionForm, _ arguments: [ResolvedExpression], _ type: ValueType) {
        for piece in form.template.pieces {
            switch piece {
            case .text(let text): out += text
            case .argument(let index): argument(arguments[index], of: form, at: index, type)
            case .arguments(let from):
                list(from..<arguments.count) { $0.argument(arguments[$1], of: form, at: $1, type) }
            }
        }
    }

    private mutating func argument(_ argument: ResolvedExpression, of form: FunctionForm, at index: Int, _ type: ValueType) {
        switch form.parameter(at: index).type {
        case .exactly(let wanted): value(argument, as: wanted)
        case _ where form.result == .common: value(argument, as: type)
        case .any: value(argument)
        case .numeric: value(argument, as: argument.type == .null ? .double : argument.type)
        case .integral: value(argument, as: argument.type == .null ? .integer : argument.type)
        case .geometry: value(argument, as: argument.type == .null ? .point : argument.type)
        }
    }
}

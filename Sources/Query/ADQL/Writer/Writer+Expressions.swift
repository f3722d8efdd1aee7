extension Writer {
    // MARK: Values

    mutating func write(_ value: ValueExpression) {
        switch value {
        case .null: write("NULL")
        case .numeric(let literal): write(literal.text)
        case .string(let literal): write(quoted(literal.text, by: "'"))
        case .column(let name): write(name)
        case .signed(let sign, let operand, _):
            write(sign == .plus ? "+" : "-")
            // Two minus signs side by side would start a comment.
            if case .signed = operand { write(" ") }
            write(operand, inside: .sign)
        case .product(let chain):
            write(chain.first, inside: .product)
            for step in chain.steps {
                write(step.operator == .times ? " * " : " / ")
                write(step.operand, inside: .product)
            }
        case .sum(let chain):
            write(chain.first, inside: .sum)
            for step in chain.steps {
                write(step.operator == .plus ? " + " : " - ")
                write(step.operand, inside: .sum)
            }
        case .concatenation(let operands, _):
            list(operands, separator: " || ") { $0.write($1, inside: .concatenation) }
        case .function(let call):
            write(call.name)
            parenthesized { $0.list(call.arguments) { $0.write($1) } }
        case .aggregate(let function): write(function)
        case .cast(let cast):
            write("CAST(")
            write(cast.value)
            write(" AS \(cast.target.name.rawValue)")
            if let length = cast.target.length { write("(\(length))") }
            write(")")
        case .case(let expression): write(expression)
        case .subquery(let query): parenthesized { $0.write(query) }
        }
    }

    /// Operators in the order in which they bind, loosest first.
    private enum Context: Int {
        case concatenation, sum, product, sign
    }

    /// An operand needs parentheses when its own operator binds no tighter than the one it stands beside.
    private mutating func write(_ operand: ValueExpression, inside context: Context) {
        let own: Context?
        switch operand {
        case .concatenation: own = .concatenation
        case .sum: own = .sum
        case .product: own = .product
        default: own = nil
        }
        parenthesized(if: own.map { $0.rawValue <= context.rawValue } ?? false) { $0.write(operand) }
    }

    private mutating func write(_ function: AggregateFunction) {
        write(function.kind.rawValue.uppercased())
        parenthesized { writer in
            if function.distinct { writer.write("DISTINCT ") }
            if let argument = function.argument {
                writer.write(argument)
            } else {
                writer.write("*")
            }
        }
    }

    private mutating func write(_ expression: CaseExpression) {
        write("CASE")
        if let operand = expression.operand {
            write(" ")
            write(operand)
        }
        for branch in expression.branches {
            write(" WHEN ")
            switch branch.when {
            case .condition(let condition): write(condition)
            case .value(let value): write(value)
            }
            write(" THEN ")
            write(branch.then)
        }
        if let otherwise = expression.otherwise {
            write(" ELSE ")
            write(otherwise)
        }
        write(" END")
    }

    // MARK: Conditions

    mutating func write(_ condition: SearchCondition) {
        switch condition {
        case .or(let terms, _):
            list(terms, separator: " OR ") { writer, term in
                if case .or = term { writer.parenthesized { $0.write(term) } } else { writer.write(term) }
            }
        case .and(let factors, _): list(factors, separator: " AND ") { $0.write(factor: $1) }
        case .not(let operand, _):
            write("NOT ")
            write(factor: operand)
        case .comparison(let predicate):
            write(predicate.left)
            write(" \(predicate.operator.rawValue) ")
            write(predicate.right)
        case .between(let predicate):
            write(predicate.value)
            write(predicate.negated ? " NOT BETWEEN " : " BETWEEN ")
            write(predicate.lower)
            write(" AND ")
            write(predicate.upper)
        case .in(let predicate):
            write(predicate.value)
            write(predicate.negated ? " NOT IN " : " IN ")
            parenthesized { writer in
                switch predicate.set {
                case .list(let values): writer.list(values) { $0.write($1) }
                case .subquery(let query): writer.write(query)
                }
            }
        case .like(let predicate):
            write(predicate.value)
            write(predicate.negated ? " NOT" : "")
            write(predicate.caseInsensitive ? " ILIKE " : " LIKE ")
            write(predicate.pattern)
        case .isNull(let predicate):
            write(predicate.value)
            write(predicate.negated ? " IS NOT NULL" : " IS NULL")
        case .exists(let query, _):
            write("EXISTS ")
            parenthesized { $0.write(query) }
        }
    }

    /// An operand of AND or NOT.
    private mutating func write(factor: SearchCondition) {
        switch factor {
        case .or, .and: parenthesized { $0.write(factor) }
        default: write(factor)
        }
    }
}

import TableModel

extension ResolvedExpression {
    /// The value, where it is made of numbers alone: `5 / 3600.` has one, `ra` has none. Whole numbers divide as in SQL.
    package var constant: Double? {
        switch node {
        case .integer(let value): Double(value)
        case .number(let value): value
        case .negation(let operand): operand.constant.map { -$0 }
        case .arithmetic(let first, let steps): Self.constant(first, steps)
        default: nil
        }
    }

    private static func constant(_ first: ResolvedExpression, _ steps: [ArithmeticStep]) -> Double? {
        guard var value = first.constant else { return nil }
        for step in steps {
            guard let operand = step.operand.constant else { return nil }
            switch step.operator {
            case .plus: value += operand
            case .minus: value -= operand
            case .times: value *= operand
            case .dividedBy:
                guard operand != 0 else { return nil }
                value = step.type.isInteger ? (value / operand).rounded(.towardZero) : value / operand
            }
        }
        return value
    }
}

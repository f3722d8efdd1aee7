/// `CASE … END`, an extension in SQL's own form.
package struct CaseExpression: Hashable, Sendable {
    /// What stands after WHEN.
    package enum Test: Hashable, Sendable {
        /// `CASE WHEN a > b THEN …`
        case condition(SearchCondition)
        /// `CASE a WHEN 1 THEN …`
        case value(ValueExpression)
    }

    /// `WHEN … THEN …`
    package struct Branch: Hashable, Sendable {
        package var when: Test
        package var then: ValueExpression

        package init(when: Test, then: ValueExpression) {
            self.when = when
            self.then = then
        }
    }

    /// `CASE a WHEN …`: set when all tests are values, nil when all are conditions.
    package var operand: ValueExpression?
    /// At least one.
    package var branches: [Branch]
    package var otherwise: ValueExpression?
    package var span: TextSpan

    package init(operand: ValueExpression? = nil, branches: [Branch], otherwise: ValueExpression? = nil, span: TextSpan = .none) {
        self.operand = operand
        self.branches = branches
        self.otherwise = otherwise
        self.span = span
    }
}

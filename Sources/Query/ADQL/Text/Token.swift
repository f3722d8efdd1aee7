/// A piece of the query's text that the grammar treats as one; its text stays in the query.
struct Token: Sendable {
    enum Kind: Hashable, Sendable {
        /// The end of the text.
        case endOfText
        /// `ra`
        case identifier
        /// `"Mixed Case"`
        case delimited
        case keyword(Keyword)
        /// `SQRT`, `POINT`: reserved for a function of ADQL.
        case function
        /// `SIZE`, `YEAR`: reserved, without a place in the grammar.
        case reserved
        /// `12`, then `1.2` and `1e2`
        case integer, decimal
        /// `'text'`
        case string
        case leftParenthesis, rightParenthesis, comma, period, semicolon
        case asterisk, plus, minus, slash, percent, concatenation
        case comparison(Comparison.Operator)
        case invalid(Fault)
    }

    /// Why a piece of text is no token at all.
    enum Fault: Hashable, Sendable {
        case unterminatedString, unterminatedName, emptyName
        /// `/*`
        case blockComment
        /// `==`, `^`, `::` and others of other languages.
        case foreignOperator
        /// `2mass`, `_id`, `0xFF`
        case nameStart
        /// Anything else, with typographic quotes and non-ASCII letters among it.
        case character
    }

    var kind: Kind
    var start: Int
    var end: Int

    var span: TextSpan { TextSpan(start, end) }

    /// Whether an operand may start with it, which after an operand means that a comma or an operator is missing.
    var startsOperand: Bool {
        switch kind {
        case .identifier, .delimited, .integer, .decimal, .string, .function, .leftParenthesis: true
        case .keyword(let keyword): keyword.aggregate != nil || keyword == .cast || keyword == .case
        default: false
        }
    }
}

/// Cuts a query's text into tokens, one at a time (ADQL 2.1 §2.1).
///
/// Blanks are needed only between two words. What is no token becomes an invalid one, so that the parser reports it when it
/// gets there and not before.
struct Lexer {
    let bytes: [UInt8]
    private(set) var position = 0
    private let words = WordTable.shared

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    func text(of token: Token) -> String {
        String(decoding: bytes[token.start..<token.end], as: UTF8.self)
    }

    mutating func next() -> Token {
        skipBlanks()
        let start = position
        guard start < bytes.count else { return Token(kind: .endOfText, start: start, end: start) }
        let kind: Token.Kind
        switch bytes[start] {
        case let byte where byte.isLetter: kind = word()
        case UInt8(ascii: "0")...UInt8(ascii: "9"): kind = number()
        case UInt8(ascii: "."): kind = byte(at: 1).isDigit ? number() : symbol(.period)
        case UInt8(ascii: "'"): kind = quoted(.string, orElse: .unterminatedString)
        case UInt8(ascii: "\""): kind = delimitedIdentifier()
        case UInt8(ascii: "("): kind = symbol(.leftParenthesis)
        case UInt8(ascii: ")"): kind = symbol(.rightParenthesis)
        case UInt8(ascii: ","): kind = symbol(.comma)
        case UInt8(ascii: ";"): kind = symbol(.semicolon)
        case UInt8(ascii: "+"): kind = symbol(.plus)
        case UInt8(ascii: "-"): kind = symbol(.minus)
        case UInt8(ascii: "*"): kind = byte(at: 1) == UInt8(ascii: "*") ? symbol(.invalid(.foreignOperator), 2) : symbol(.asterisk)
        case UInt8(ascii: "/"): kind = byte(at: 1) == UInt8(ascii: "*") ? symbol(.invalid(.blockComment), 2) : symbol(.slash)
        case UInt8(ascii: "%"): kind = symbol(.percent)
        case UInt8(ascii: "_"): kind = invalidName()
        default: kind = comparison()
        }
        return Token(kind: kind, start: start, end: position)
    }

    /// The byte that many places ahead; zero beyond the end.
    private func byte(at distance: Int) -> UInt8 {
        position + distance < bytes.count ? bytes[position + distance] : 0
    }

    private mutating func symbol(_ kind: Token.Kind, _ length: Int = 1) -> Token.Kind {
        position += length
        return kind
    }

    // MARK: Blanks and comments

    /// From after `/*` to after `*/`, for those who want to know what else is wrong.
    mutating func skipBlockComment() {
        while position < bytes.count {
            if bytes[position] == UInt8(ascii: "*"), byte(at: 1) == UInt8(ascii: "/") {
                position += 2
                return
            }
            position += 1
        }
    }

    private mutating func skipBlanks() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x09...0x0D: position += 1
            case UInt8(ascii: "-") where byte(at: 1) == UInt8(ascii: "-"):
                while position < bytes.count, bytes[position] != 0x0A, bytes[position] != 0x0D { position += 1 }
            case 0xC2 where byte(at: 1) == 0xA0: position += 2
            case 0xE2, 0xE3, 0xEF:
                guard isWideBlank(byte(at: 0), byte(at: 1), byte(at: 2)) else { return }
                position += 3
            default: return
            }
        }
    }

    /// Blanks that come along when a query is pasted: U+2000 to U+200B, U+202F, U+3000, U+FEFF.
    private func isWideBlank(_ first: UInt8, _ second: UInt8, _ third: UInt8) -> Bool {
        switch (first, second, third) {
        case (0xE2, 0x80, 0x80...0x8B), (0xE2, 0x80, 0xAF), (0xE3, 0x80, 0x80), (0xEF, 0xBB, 0xBF): true
        default: false
        }
    }

    // MARK: Words and quotes

    private mutating func word() -> Token.Kind {
        let start = position
        skipWord()
        return words.kind(of: bytes, in: start..<position)
    }

    private mutating func skipWord() {
        while position < bytes.count, bytes[position].isLetter || bytes[position].isDigit || bytes[position] == UInt8(ascii: "_") {
            position += 1
        }
    }

    private mutating func invalidName() -> Token.Kind {
        skipWord()
        return .invalid(.nameStart)
    }

    private mutating func delimitedIdentifier() -> Token.Kind {
        let start = position
        let kind = quoted(.delimited, orElse: .unterminatedName)
        return kind == .delimited && position - start == 2 ? .invalid(.emptyName) : kind
    }

    /// To the closing quote; a doubled one stands for itself.
    private mutating func quoted(_ kind: Token.Kind, orElse fault: Token.Fault) -> Token.Kind {
        let quote = bytes[position]
        position += 1
        while position < bytes.count {
            guard bytes[position] == quote else {
                position += 1
                continue
            }
            guard byte(at: 1) == quote else { return symbol(kind) }
            position += 2
        }
        return .invalid(fault)
    }

    // MARK: Numbers

    /// `12`, `12.`, `.5`, `12.5`, `1e3`; a word that follows without a blank must be a reserved one, as in `1.5AND`.
    private mutating func number() -> Token.Kind {
        var kind = Token.Kind.integer
        skipDigits()
        if byte(at: 0) == UInt8(ascii: ".") {
            kind = .decimal
            position += 1
            skipDigits()
        }
        if byte(at: 0) | 0x20 == UInt8(ascii: "e") {
            let signed = byte(at: 1) == UInt8(ascii: "+") || byte(at: 1) == UInt8(ascii: "-")
            if byte(at: signed ? 2 : 1).isDigit {
                kind = .decimal
                position += signed ? 2 : 1
                skipDigits()
            }
        }
        let end = position
        guard byte(at: 0).isLetter || byte(at: 0) == UInt8(ascii: "_") else { return kind }
        skipWord()
        if words.kind(of: bytes, in: end..<position) == .identifier { return .invalid(.nameStart) }
        position = end
        return kind
    }

    private mutating func skipDigits() {
        while position < bytes.count, bytes[position].isDigit { position += 1 }
    }

    // MARK: Operators

    private mutating func comparison() -> Token.Kind {
        let next = byte(at: 1)
        switch (bytes[position], next) {
        case (UInt8(ascii: "<"), UInt8(ascii: "=")): return symbol(.comparison(.lessOrEqual), 2)
        case (UInt8(ascii: "<"), UInt8(ascii: ">")), (UInt8(ascii: "!"), UInt8(ascii: "=")): return symbol(.comparison(.notEqual), 2)
        case (UInt8(ascii: ">"), UInt8(ascii: "=")): return symbol(.comparison(.greaterOrEqual), 2)
        case (UInt8(ascii: "|"), UInt8(ascii: "|")): return symbol(.concatenation, 2)
        case (UInt8(ascii: "="), UInt8(ascii: "=")), (UInt8(ascii: "="), UInt8(ascii: "<")), (UInt8(ascii: "="), UInt8(ascii: ">")),
            (UInt8(ascii: "!"), UInt8(ascii: "<")), (UInt8(ascii: "!"), UInt8(ascii: ">")), (UInt8(ascii: "<"), UInt8(ascii: "<")),
            (UInt8(ascii: ">"), UInt8(ascii: ">")), (UInt8(ascii: "&"), UInt8(ascii: "&")), (UInt8(ascii: ":"), UInt8(ascii: ":")):
            return symbol(.invalid(.foreignOperator), 2)
        case (UInt8(ascii: "<"), _): return symbol(.comparison(.less))
        case (UInt8(ascii: ">"), _): return symbol(.comparison(.greater))
        case (UInt8(ascii: "="), _): return symbol(.comparison(.equal))
        case (UInt8(ascii: "^"), _), (UInt8(ascii: "&"), _), (UInt8(ascii: "|"), _), (UInt8(ascii: "~"), _),
            (UInt8(ascii: "!"), _):
            return symbol(.invalid(.foreignOperator))
        default: return character()
        }
    }

    /// A whole scalar, so that a message can show it.
    private mutating func character() -> Token.Kind {
        position += 1
        while position < bytes.count, bytes[position] & 0xC0 == 0x80 { position += 1 }
        return .invalid(.character)
    }
}

extension UInt8 {
    var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
}

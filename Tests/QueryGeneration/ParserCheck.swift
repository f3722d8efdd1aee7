import ADQL

/// What must hold of any text whatever that is given to the parser.
package enum ParserCheck {
    /// How one text fared.
    package enum Outcome: Equatable, Sendable {
        case accepted, rejected
        case wrong(String)
    }

    /// Reads the text. An accepted one must come back from its own writing; an error must point into the text, and its further ones stand
    /// after it.
    package static func outcome(of bytes: [UInt8]) -> Outcome {
        let text = String(decoding: bytes, as: UTF8.self)
        let tree: Query
        do throws(ADQLError) { tree = try Query.parse(text) } catch { return check(error, length: text.utf8.count) }
        let written = tree.adql
        do throws(ADQLError) {
            let again = try Query.parse(written)
            guard again == tree else { return .wrong("another tree comes back from \(written)") }
            guard again.adql == written else { return .wrong("\(written) is written as \(again.adql)") }
        } catch {
            return .wrong("\(written) is refused: \(error)")
        }
        return .accepted
    }

    private static func check(_ error: ADQLError, length: Int) -> Outcome {
        var start = -1
        for each in error.all {
            guard each.span.start > start, each.span.start <= each.span.end, each.span.end <= length else {
                return .wrong("\(each) points nowhere or stands out of order")
            }
            guard each.position.line >= 1, each.position.column >= 1, each.excerpt.utf8.contains(UInt8(ascii: "^")) else {
                return .wrong("\(each) shows nothing")
            }
            guard !each.message.isEmpty, each.further.isEmpty || each == error else { return .wrong("\(each) says nothing") }
            start = each.span.start
        }
        return .rejected
    }
}

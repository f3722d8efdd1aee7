/// An ASCII MOC as a query writes it: `4/1-3 5/20,22` (MOC 2.0 §4.3.2).
enum CoverageLiteral {
    /// What is wrong with the text; nil when it is a MOC.
    static func problem(_ text: String) -> String? {
        var order: Int?
        for word in text.split(whereSeparator: { $0 == " " || $0 == "," || $0 == "\n" || $0 == "\t" }) {
            var cells = word
            if let slash = word.utf8.firstIndex(of: UInt8(ascii: "/")) {
                guard let number = Int(word[..<slash]), (0...29).contains(number) else {
                    return "'\(word[..<slash])' is no order from 0 to 29"
                }
                order = number
                cells = word[word.utf8.index(after: slash)...]
                if cells.isEmpty { continue }
            }
            guard let order else { return "no order stands before '\(word)'" }
            let ends = cells.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false).map { Int(String($0) ?? "") }
            let limit = 12 << (2 * order)
            guard ends.count < 3, let first = ends[0], let last = ends[ends.count - 1], first >= 0, first <= last else {
                return "'\(cells)' is no cell or range of cells"
            }
            guard last < limit else { return "order \(order) has cells 0 to \(limit - 1), not \(last)" }
        }
        return order == nil ? "it has no cells" : nil
    }
}

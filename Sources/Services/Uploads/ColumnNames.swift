import TableModel

/// Names of the columns of an upload, as queries can write them.
enum ColumnNames {
    /// Names as the table has them, delimited where they must be; only what no query could tell apart is renamed: nameless columns become
    /// `column_3`, and the second of two equal names gets a number, as in `flux_2`.
    static func unique(_ columns: [Column]) -> [Column] {
        var taken = Set(columns.map(\.name))
        var seen: Set<String> = []
        var named = columns
        for index in named.indices {
            let given = printable(named[index].name)
            var name = given.isEmpty ? "column_\(index + 1)" : given
            if given.isEmpty || given != named[index].name, taken.contains(name) { name = "\(name)_\(index + 1)" }
            var number = 2
            let stem = name
            while seen.contains(name) || number > 2 && taken.contains(name) {
                name = "\(stem)_\(number)"
                number += 1
            }
            seen.insert(name)
            taken.insert(name)
            named[index].name = name
        }
        return named
    }

    /// Without control characters, and of a bearable length.
    private static func printable(_ name: String) -> String {
        let kept = String(String.UnicodeScalarView(name.unicodeScalars.filter { $0.value >= 0x20 && $0.value != 0x7F }))
        guard kept.utf8.count > 200 else { return kept }
        return String(kept.unicodeScalars.prefix(50).map(Character.init))
    }
}

/// How far two words are apart, for hints that name the nearest one.
package enum Spelling {
    /// The candidate that differs least from the word, letter case ignored; nil when none is near enough to be meant.
    ///
    /// `SELCT` among SELECT and WITH gives SELECT. A word of up to four letters may differ by one typing error, a longer one by two:
    /// a letter too many, too few, another one, or two swapped.
    package static func nearest(to word: String, among candidates: some Sequence<String>) -> String? {
        let typed = Array(word.lowercased().utf8)
        guard typed.count > 1, typed.count < 100 else { return nil }
        var best: (candidate: String, distance: Int)?
        for candidate in candidates {
            let other = Array(candidate.lowercased().utf8)
            let limit = min(typed.count, other.count) <= 4 ? 1 : 2
            guard abs(typed.count - other.count) <= limit else { continue }
            let distance = distance(typed, other)
            // In two letters every one counts, so only swapped ones are a typing error.
            guard distance <= limit, other.count > 2 || typed.sorted() == other.sorted() else { continue }
            if distance < best?.distance ?? .max { best = (candidate, distance) }
        }
        return best?.candidate
    }

    /// Optimal string alignment distance.
    private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var twoAgo: [Int] = []
        var previous = Array(0...right.count)
        for i in 0..<left.count {
            var row = [i + 1]
            for j in 0..<right.count {
                var cost = min(previous[j] + (left[i] == right[j] ? 0 : 1), previous[j + 1] + 1, row[j] + 1)
                if i > 0, j > 0, left[i] == right[j - 1], left[i - 1] == right[j] { cost = min(cost, twoAgo[j - 1] + 1) }
                row.append(cost)
            }
            twoAgo = previous
            previous = row
        }
        return previous[right.count]
    }
}

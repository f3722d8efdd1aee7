/// Finds what somebody may have meant who mistyped a name.
enum NearestNames {
    /// Up to three of `names` that differ from `name` in few letters, or that begin or end with it, nearest first.
    ///
    /// "ra2000" among ra, dec, radius gives "ra".
    static func nearest(to name: String, among names: some Sequence<String>) -> [String] {
        let wanted = Array(name.lowercased().utf8.prefix(64))
        let limit = max(1, wanted.count / 3)
        var found: [(name: String, distance: Int)] = []
        var seen: Set<String> = []
        for candidate in names where seen.insert(candidate).inserted {
            let other = Array(candidate.lowercased().utf8.prefix(64))
            if abs(other.count - wanted.count) <= limit, case let distance = distance(wanted, other), distance <= limit {
                found.append((candidate, distance))
            } else if min(other.count, wanted.count) >= 2, contains(wanted, other) {
                found.append((candidate, limit + abs(other.count - wanted.count)))
            }
        }
        return found.sorted { ($0.distance, $0.name) < ($1.distance, $1.name) }.prefix(3).map(\.name)
    }

    private static func contains(_ a: [UInt8], _ b: [UInt8]) -> Bool {
        let (short, long) = a.count < b.count ? (a, b) : (b, a)
        return long.starts(with: short) || long.reversed().starts(with: short.reversed())
    }

    /// Damerau–Levenshtein in its simple form: letters put in, left out, changed, or swapped with the next.
    private static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
        var before: [Int] = []
        var last = Array(0...b.count)
        for i in 0..<a.count {
            var row = [i + 1]
            row.reserveCapacity(b.count + 1)
            for j in 0..<b.count {
                var best = min(last[j] + (a[i] == b[j] ? 0 : 1), last[j + 1] + 1, row[j] + 1)
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { best = min(best, before[j - 1] + 1) }
                row.append(best)
            }
            before = last
            last = row
        }
        return last[b.count]
    }
}

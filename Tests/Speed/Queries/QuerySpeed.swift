import ADQL
import Executors
import Foundation
import Names
import SQL

/// Measures what lies between a query's text and its SQL: the time of a typical one, and how time grows with length.
@main
struct QuerySpeed {
    static func main() throws {
        // As the server does.
        HeapMemory.keepFreed()
        let stages = try Stages()
        var isWell = typical(stages)
        print("\nlinear in length: 100 times as long may cost 120 times as much")
        for family in Family.all { isWell = grows(family, stages) && isWell }
        exit(isWell ? 0 : 1)
    }

    // MARK: A typical query

    private static let typicalQuery = """
        SELECT TOP 100 source_id, ra, dec, parallax, parallax_error, pmra, pmdec, phot_g_mean_mag, bp_rp, DISTANCE(ra, dec, 56.75, 24.12) AS d
        FROM gaia.source
        WHERE 1 = CONTAINS(POINT('ICRS', ra, dec), CIRCLE('ICRS', 56.75, 24.12, 2.0)) AND phot_g_mean_mag < 18.5 AND parallax > 5
        ORDER BY d
        """

    private static func typical(_ stages: Stages) -> Bool {
        let text = typicalQuery
        let rounds = 3000
        var times: [[Double]] = [[], [], [], []]
        for _ in 0..<rounds {
            let (parse, tree) = timed { stages.parse(text) }
            let (resolve, resolved) = timed { tree.flatMap(stages.resolve) }
            let (translate, sql) = timed { resolved.map(stages.translate) }
            guard sql != nil else {
                print("the typical query is refused")
                return false
            }
            for (index, time) in [parse, resolve, translate, parse + resolve + translate].enumerated() { times[index].append(time) }
        }
        print("a query of 10 columns with a cone, median of \(rounds):")
        for (name, values) in zip(["parse", "resolve", "translate", "together"], times) {
            print("  " + name.padded(12) + microseconds(median(values)))
        }
        let whole = median(times[3])
        print("  bar 100 µs: \(whole < 100 ? "held" : "MISSED")")
        return whole < 100
    }

    // MARK: Growth

    private static func grows(_ family: Family, _ stages: Stages) -> Bool {
        let texts = [family.text(family.size), family.text(family.size * 100)]
        // The shortest of several rounds, taken in turns, which what else runs here disturbs least.
        var best = [Double.infinity, Double.infinity]
        var isAccepted = true
        for _ in 0..<15 {
            for (index, text) in texts.enumerated() {
                for _ in 0..<(index == 0 ? 20 : 1) {
                    let (time, done) = timed { stages.whole(text) }
                    best[index] = min(best[index], time)
                    isAccepted = isAccepted && done
                }
            }
        }
        let ratio = best[1] / best[0]
        let isWell = ratio <= 120
        print(
            "  " + family.name.padded(42) + (isAccepted ? "accepted" : "refused ") + microseconds(best[0]) + microseconds(best[1])
                + String(format: "%8.1f x", ratio) + (isWell ? "" : "  MISSED"))
        return isWell
    }

    // MARK: Numbers

    /// In microseconds of this thread's own time, so that what else runs on the machine counts little.
    private static func timed<Result>(_ work: () -> Result) -> (Double, Result) {
        let start = now()
        let result = work()
        return (now() - start, result)
    }

    private static func now() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) * 1e6 + Double(time.tv_nsec) / 1e3
    }

    private static func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }

    private static func microseconds(_ value: Double) -> String { String(format: "%12.1f µs", value) }
}

extension String {
    func padded(_ width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}

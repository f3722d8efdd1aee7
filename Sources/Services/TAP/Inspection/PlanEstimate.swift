import Foundation

/// What PostgreSQL's planner expects of a query, before anything of it runs.
///
/// An estimate: it can be wrong by orders of magnitude where conditions depend on each other.
package struct PlanEstimate: Sendable, Hashable {
    /// Rows of the result.
    package var rows: Double
    /// In the planner's own unit: a page read in sequence is 1. Seconds depend on the machine.
    package var cost: Double

    package init(rows: Double, cost: Double) {
        self.rows = rows
        self.cost = cost
    }

    /// Reads the answer of `EXPLAIN (FORMAT JSON)`; nil when it is none.
    package init?(json: String) {
        guard let plans = try? JSONDecoder().decode([Explained].self, from: Data(json.utf8)), let plan = plans.first?.plan else {
            return nil
        }
        self.init(rows: plan.rows, cost: plan.cost)
    }

    private struct Explained: Decodable {
        var plan: Node

        enum CodingKeys: String, CodingKey {
            case plan = "Plan"
        }
    }

    private struct Node: Decodable {
        var rows: Double
        var cost: Double

        enum CodingKeys: String, CodingKey {
            case rows = "Plan Rows"
            case cost = "Total Cost"
        }
    }
}

import Names
import TableModel

extension ResolvedQuery {
    /// Work per row that no function of the list exceeds, in the planner's unit.
    private static let costOfRow = 10.0

    /// Whether the planner could expect more than a limit; most queries read so few rows that it need not be asked.
    ///
    /// The rows of all tables multiplied are as many as any join of them can have. A common table may be read many times over, and so
    /// says nothing.
    func mayCost(_ limit: Double) -> Bool {
        guard commonTables.isEmpty else { return true }
        var rows = 1.0
        for table in sources.lazy.compactMap(\.self) {
            guard let count = table.nrows else { return true }
            rows *= Double(max(count, 1000))
        }
        return rows * Self.costOfRow > limit
    }
}

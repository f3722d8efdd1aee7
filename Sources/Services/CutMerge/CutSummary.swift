/// What a product came to.
package struct CutSummary: Codable, Hashable, Sendable {
    /// Objects that are in the product.
    package var objects: Int
    /// The product's size.
    package var bytes: Int
    /// Requested rows whose file could not be read.
    package var unreadable: Int
    /// One for each requested row, as in the manifest; empty when a worker has made the product, whose manifest has them.
    package var rows: [ManifestRow]

    package init(objects: Int, bytes: Int, rows: [ManifestRow]) {
        self.objects = objects
        self.bytes = bytes
        self.rows = rows
        unreadable = rows.count { $0.status == .unreadable }
    }

    package var withoutRows: CutSummary {
        var summary = self
        summary.rows = []
        return summary
    }
}

/// How far the making of a product has come.
package struct CutProgress: Codable, Hashable, Sendable {
    /// Objects dealt with, in the product or not.
    package var done: Int
    package var total: Int

    package init(done: Int, total: Int) {
        self.done = done
        self.total = total
    }
}

/// What whoever makes a product reports, and asks, while it is at work.
package struct CutControl: Sendable {
    /// Called some times per second at most.
    package var report: @Sendable (CutProgress) -> Void
    /// True ends the work with the error cancelled.
    package var isCancelled: @Sendable () -> Bool

    package init(report: @escaping @Sendable (CutProgress) -> Void = { _ in }, isCancelled: @escaping @Sendable () -> Bool = { false }) {
        self.report = report
        self.isCancelled = isCancelled
    }
}

/// What a product came to.
package struct CutSummary: Codable, Hashable, Sendable {
    /// Objects that are in the product.
    package var objects: Int
    /// The product's size.
    package var bytes: Int
    /// One for each requested row, as in the manifest.
    package var rows: [ManifestRow]

    package init(objects: Int, bytes: Int, rows: [ManifestRow]) {
        self.objects = objects
        self.bytes = bytes
        self.rows = rows
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

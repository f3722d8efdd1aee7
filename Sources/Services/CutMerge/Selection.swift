package import Foundation
package import TableModel

/// A row that stands in a selection.
package struct SelectedRow: Hashable, Sendable {
    package var identifier: RowIdentifier
    /// About how many bytes its object adds to a product.
    package var bytes: Int

    package init(_ identifier: RowIdentifier, bytes: Int) {
        self.identifier = identifier
        self.bytes = bytes
    }
}

/// The rows that one client has marked, in the order of marking.
package struct Selection: Hashable, Sendable {
    package var summary: Summary
    package var rows: [SelectedRow]
    /// The query whose result the rows are from, where it is known.
    package var query: String?

    package init(summary: Summary, rows: [SelectedRow], query: String? = nil) {
        self.summary = summary
        self.rows = rows
        self.query = query
    }

    /// What can be said of a selection without its rows.
    package struct Summary: Hashable, Sendable {
        /// Whoever knows it may use the selection; it can't be guessed.
        package var id: UUID
        /// Whose rows they are; nil where a request named rows without saying.
        package var client: UUID?
        package var rowCount: Int
        /// About the size of the product.
        package var bytes: Int
        /// Whether rows that the client activates still join it.
        package var isOpen: Bool
        package var created: Date
        /// When a row was last activated.
        package var touched: Date
        /// When an open one closes, unless a row is activated before.
        package var closes: Date
        /// When it is forgotten, unless something happens to it before.
        package var expires: Date
        /// What was made of its rows as they are.
        package var product: MadeProduct?
        /// The job that makes it, or has made it.
        package var job: String?
        /// What was made of the activated row alone; known of an activation of one row only.
        package var rowProduct: MadeProduct?

        package init(
            id: UUID, client: UUID? = nil, rowCount: Int, bytes: Int, isOpen: Bool, created: Date, touched: Date, closes: Date,
            expires: Date, product: MadeProduct? = nil, job: String? = nil, rowProduct: MadeProduct? = nil
        ) {
            self.id = id
            self.client = client
            self.rowCount = rowCount
            self.bytes = bytes
            self.isOpen = isOpen
            self.created = created
            self.touched = touched
            self.closes = closes
            self.expires = expires
            self.product = product
            self.job = job
            self.rowProduct = rowProduct
        }
    }
}

package import Names

/// Writes a resolved query as one SELECT for PostgreSQL with pgSphere.
///
/// Each output column has exactly the form of its type's ``TableModel/ValueType/wire``, so that the statement can stand in
/// `COPY (…) TO STDOUT (FORMAT binary)`. Needs the functions of `tap_schema/ddl/functions.sql` and pgSphere's types on the search path,
/// and a session with `DateStyle` ISO and `TimeZone` UTC. Numbers are IEEE doubles throughout; whole numbers divide without remainder, as in
/// SQL: `1 / 2` is 0, `1 / 2.` is 0.5.
package struct SQLWriter: Sendable {
    package struct Options: Hashable, Sendable {
        /// What stands before the row's identifier in an access_url, as in `https://archive.example/datalink?id=`.
        package var accessURLPrefix: String
        /// What stands behind it, as in `&clientId=…`.
        package var accessURLSuffix: String
        /// At most so many rows, whatever TOP says; for MAXREC, one more than that to see an overflow.
        package var limit: Int?

        package init(accessURLPrefix: String = "", accessURLSuffix: String = "", limit: Int? = nil) {
            self.accessURLPrefix = accessURLPrefix
            self.accessURLSuffix = accessURLSuffix
            self.limit = limit
        }
    }

    private let options: Options

    package init(_ options: Options = Options()) {
        self.options = options
    }

    package func sql(for query: ResolvedQuery) -> SQLText {
        var translation = Translation(query: query, options: options)
        translation.statement()
        return SQLText(translation.out)
    }
}

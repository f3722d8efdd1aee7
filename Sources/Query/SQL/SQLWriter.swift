package import Names

/// Writes a resolved query as one SELECT for PostgreSQL with pgSphere.
///
/// Each output column has exactly the form of its type's ``TableModel/ValueType/wire``, so that the statement can stand in
/// `COPY (…) TO STDOUT (FORMAT binary)`. Needs the functions of `tap_schema/ddl/functions.sql` and pgSphere's types on the search path,
/// and a session with `DateStyle` ISO and `TimeZone` UTC. Numbers are IEEE doubles throughout; whole numbers divide without remainder, as in
/// SQL: `1 / 2` is 0, `1 / 2.` is 0.5.
///
/// Positions: latitudes beyond the poles in columns go on over the pole; a NaN lies in no shape, and its DISTANCE is NaN, which sorts above all
/// numbers. DISTANCE is exact; the boundary of a shape is inside, and reaches 0.2 mas farther. NULLs sort above all values, so that DESC shows
/// them first: so do the other services over PostgreSQL, and an index gives that order.
package struct SQLWriter: Sendable {
    package struct Options: Hashable, Sendable {
        /// What stands before the row's identifier in an access_url, as in `https://archive.example/datalink?id=`.
        package var accessURLPrefix: String
        /// What stands behind it, as in `&clientId=…`.
        package var accessURLSuffix: String
        /// At most so many rows, whatever TOP says; for MAXREC, one more than that to see an overflow.
        package var limit: Int?
        /// Literals that become parameters: `$1` for the first. Such a statement can be prepared, and can't stand in COPY.
        package var parameters: [KeyLiteral]

        package init(accessURLPrefix: String = "", accessURLSuffix: String = "", limit: Int? = nil, parameters: [KeyLiteral] = []) {
            self.accessURLPrefix = accessURLPrefix
            self.accessURLSuffix = accessURLSuffix
            self.limit = limit
            self.parameters = parameters
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

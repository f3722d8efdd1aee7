import Postgres
import TableInput
import TableModel

/// Puts a table that is being read into a relation of its own, as its rows come. On a thread that may block.
final class TableLoader: TableSink {
    private let session: PostgresSession
    private let sqlName: String
    private let isLogged: Bool
    private let limits: UploadLimits

    private(set) var table = IncomingTable(columns: [])
    private(set) var rows = 0
    private var isCopying = false
    private var shapes: [Shape] = []

    /// A column that is computed from one of numbers.
    private struct Shape {
        var name: String
        var type: String
        var make: String
        var numbers: String
    }

    /// From so many rows on, positions are worth an index.
    private static let indexThreshold = 300

    init(session: PostgresSession, sqlName: String, isLogged: Bool, limits: UploadLimits) {
        self.session = session
        self.sqlName = sqlName
        self.isLogged = isLogged
        self.limits = limits
    }

    private var relation: String { "\(UploadedTable.sqlSchema).\(sqlName)" }

    // MARK: - Rows

    func begin(_ incoming: IncomingTable) throws {
        table = incoming
        table.columns = ColumnNames.unique(incoming.columns)
        // Names of its own for PostgreSQL, whatever the table calls its columns and however long.
        var definitions: [String] = []
        var written: [String] = []
        for index in table.columns.indices {
            let name = "c\(index + 1)"
            table.columns[index].sqlName = name
            let type = table.columns[index].type
            if let make = type.shapeFunction {
                // pgSphere's types have no binary form, and a COPY in binary wants one of every column that there is: shapes come later.
                written.append("n\(index + 1)")
                definitions.append("n\(index + 1) float8[]")
                shapes.append(Shape(name: name, type: type.relationType, make: make, numbers: "n\(index + 1)"))
            } else {
                written.append(name)
                definitions.append("\(name) \(type.relationType)")
            }
        }
        try session.execute("CREATE \(isLogged ? "" : "UNLOGGED ")TABLE \(relation) (\(definitions.joined(separator: ", ")))")
        try session.beginCopyIn("COPY \(relation) (\(written.joined(separator: ", "))) FROM STDIN (FORMAT binary, FREEZE)")
        isCopying = true
        try CopyRows.header.withUnsafeBytes { try session.send($0) }
    }

    func take(_ batch: CopyRows) throws {
        rows += batch.rows
        guard rows <= limits.rows else { throw UploadError.tooManyRows(limit: limits.rows) }
        try session.send(batch.bytes)
        batch.removeAll()
    }

    /// Ends the rows; what the database has against them comes here.
    func finish() throws {
        guard isCopying else { return }
        isCopying = false
        try CopyRows.trailer.withUnsafeBytes { try session.send($0) }
        rows = try session.endCopyIn()
    }

    /// Ends the rows without any; the transaction around is rolled back.
    func abort() {
        if isCopying { session.abortCopyIn() }
        isCopying = false
    }

    // MARK: - What comes after the rows

    /// Makes the indexes that crossmatches live from, tells the planner what is in the table, and lets queries read it.
    ///
    /// - Parameter reader: the role of queries.
    /// - Returns: the pairs of columns that got an index.
    func prepare(reader: String?) throws -> [PositionIndex] {
        try makeShapes()
        var positions: [PositionIndex] = []
        if rows >= Self.indexThreshold {
            if let pair = SkyPosition.find(in: table.columns) {
                let (longitude, latitude) = (table.columns[pair.longitude], table.columns[pair.latitude])
                // A B-tree is built some ten times as fast as pgSphere's index.
                let hasQ3C = try session.query("SELECT to_regproc('q3c_ang2ipix') IS NOT NULL").bool(0, 0) ?? false
                let expression = "q3c_ang2ipix(\(longitude.sqlName), \(latitude.sqlName))"
                let spoint = "spoint(radians(\(longitude.sqlName)), radians(\(latitude.sqlName)))"
                try session.execute("CREATE INDEX ON \(relation) " + (hasQ3C ? "(\(expression))" : "USING gist (\(spoint))"))
                positions.append(PositionIndex(kind: hasQ3C ? .q3c : .spoint, longitude: longitude.name, latitude: latitude.name))
                table.columns[pair.longitude].indexed = true
                table.columns[pair.latitude].indexed = true
            }
            for index in table.columns.indices where table.columns[index].type == .point {
                try session.execute("CREATE INDEX ON \(relation) USING gist (\(table.columns[index].sqlName))")
                table.columns[index].indexed = true
            }
        }
        try session.execute("ANALYZE \(relation)")
        if let reader { try session.execute("GRANT SELECT ON \(relation) TO \(reader)") }
        return positions
    }
}

extension TableLoader {
    /// Computes the shapes of their numbers, all in one pass over the table.
    private func makeShapes() throws {
        guard !shapes.isEmpty else { return }
        let columns = shapes.map { "ADD COLUMN \($0.name) \($0.type) GENERATED ALWAYS AS (\($0.make)(\($0.numbers))) STORED" }
        try session.execute("SAVEPOINT shapes")
        do throws(PostgresError) {
            try session.execute("ALTER TABLE \(relation) \(columns.joined(separator: ", "))")
            try session.execute("RELEASE shapes")
        } catch {
            guard !error.isConnectionFailure, !error.isCancellation else { throw error }
            try session.execute("ROLLBACK TO shapes")
            for shape in shapes { try findBadShape(shape) }
            throw error
        }
    }

    /// Goes through the rows one by one, which tells where the bad one is.
    private func findBadShape(_ shape: Shape) throws {
        do throws(PostgresError) {
            try session.execute(
                """
                DO $$ DECLARE numbers float8[]; place bigint := 0; BEGIN
                    FOR numbers IN SELECT \(shape.numbers) FROM \(relation) LOOP
                        place := place + 1;
                        BEGIN PERFORM \(shape.make)(numbers);
                        EXCEPTION WHEN OTHERS THEN RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = place::text; END;
                    END LOOP;
                END $$
                """)
        } catch {
            guard error.sqlstate == "22023", let row = Int(error.message) else { throw error }
            let column = table.columns.first { $0.sqlName == shape.name }
            throw UploadError.badShape(row: row, column: column?.name ?? "", kind: column?.type.votable.xtype ?? "shape")
        }
    }
}

extension ValueType {
    /// The function that makes the shape of an array of degrees; nil for what is no shape.
    fileprivate var shapeFunction: String? {
        switch self {
        case .point: "almagest.to_point"
        case .circle: "almagest.to_circle"
        case .polygon: "almagest.to_polygon"
        default: nil
        }
    }

    /// The type of a relation's column. Bounds of texts are the client's own matter.
    var relationType: String {
        switch self {
        case .boolean: "boolean"
        case .smallint: "int2"
        case .integer: "int4"
        case .bigint, .rowIdentifier, .accessURL: "int8"
        case .real: "float4"
        case .double: "float8"
        case .char, .varchar, .null, .moc: "text"
        case .timestamp: "timestamp"
        case .blob: "bytea"
        case .array(.smallint, _): "int2[]"
        case .array(.integer, _): "int4[]"
        case .array(.bigint, _): "int8[]"
        case .array(.real, _): "float4[]"
        case .array(.double, _): "float8[]"
        case .point: "spoint"
        case .circle: "scircle"
        case .polygon: "spoly"
        }
    }
}

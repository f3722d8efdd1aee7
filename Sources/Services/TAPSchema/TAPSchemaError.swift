import Postgres

/// Why a descriptor cannot be used, or why what is published cannot be installed or read.
package struct TAPSchemaError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: String, Hashable, Sendable {
        case unreadableDescriptor, badDescriptor, unknownCollection
        case extensionMissing, extensionScript, noPermission
        case notInstalled, rowsInTheWay, nameTaken, inconsistent, database
    }

    package var code: Code
    /// A fact, safe for strangers.
    package var message: String
    /// What would work.
    package var hint: String?
    /// The line in the descriptor, counted from 1.
    package var line: Int?
    /// For the log only: what PostgreSQL said.
    package var internals: String?
    /// PostgreSQL's own code, where it was the one who refused.
    package var sqlstate: String?

    package var description: String {
        hint.map { "\(message); \($0)" } ?? message
    }

    private init(_ code: Code, _ message: String, hint: String? = nil, line: Int? = nil, cause: PostgresError? = nil) {
        self.code = code
        self.message = message
        self.hint = hint
        self.line = line
        internals = cause.map { error in error.detail.map { "\(error.message) (\($0))" } ?? error.message }
        sqlstate = cause?.sqlstate
    }
}

// MARK: - Descriptors

extension TAPSchemaError {
    package static func unreadableDescriptor(_ source: String, reason: String) -> Self {
        Self(.unreadableDescriptor, "descriptor \(source) can't be read: \(reason)")
    }

    static func brokenYAML(_ source: String, line: Int?, problem: String) -> Self {
        Self(.badDescriptor, "\(place(source, line)): not YAML: \(problem)", line: line)
    }

    /// All faults of a descriptor at once, in the order of its lines.
    static func badDescriptor(_ source: String, faults: [DescriptorFault]) -> Self {
        let lines = faults.map { "\(place(source, $0.line)): \($0.path.isEmpty ? "" : "\($0.path): ")\($0.message)" }
        return Self(.badDescriptor, lines.joined(separator: "\n"), line: faults.first?.line)
    }

    static func unknownCollection(_ name: String, known: [String]) -> Self {
        Self(
            .unknownCollection, "no collection \"\(name)\" ships with the archive and no file has that name",
            hint: "known are \(known.sorted().joined(separator: ", ")), or give the path of a descriptor")
    }

    private static func place(_ source: String, _ line: Int?) -> String {
        line.map { "\(source), line \($0)" } ?? source
    }
}

// MARK: - The database

extension TAPSchemaError {
    static func extensionMissing(_ name: String, serverVersion: Int) -> Self {
        Self(
            .extensionMissing, "the database server has no extension \(name)",
            hint: "install postgresql-\(serverVersion)-\(name.filter { $0 != "_" }) where PostgreSQL runs")
    }

    static func extensionElsewhere(_ name: String, schema: String) -> Self {
        Self(
            .extensionMissing, "extension \(name) stands in schema \(schema), out of the search path",
            hint: "ALTER EXTENSION \(name) SET SCHEMA public")
    }

    static func extensionScript(_ name: String, reason: String, cause: PostgresError? = nil) -> Self {
        Self(
            .extensionScript, "extension \(name) can't be created here, and its script can't be loaded: \(reason)",
            hint: "update the package of \(name)", cause: cause)
    }

    static func noPermission(toDo what: String, cause: PostgresError) -> Self {
        Self(
            .noPermission, "the database user may not \(what)",
            hint: "let the owner of the database do this once, or a superuser for extensions", cause: cause)
    }

    static func notInstalled() -> Self {
        Self(.notInstalled, "the database holds no archive yet", hint: "run almagest ingest or almagest demo first")
    }

    static func rowsInTheWay(table: String, difference: String) -> Self {
        Self(
            .rowsInTheWay, "\(table) holds rows of another shape: \(difference)",
            hint: "publish under another schema name, or delete the collection's files first")
    }

    static func nameTaken(_ name: String, by whom: String) -> Self {
        Self(.nameTaken, "the name \(name) is taken by \(whom)", hint: "choose another name for the schema or the table")
    }

    static func refusedTable(_ name: String, cause: PostgresError) -> Self {
        Self(
            .badDescriptor, "PostgreSQL refuses the table for \(name): \(cause.message)", hint: "look at its derived columns", cause: cause)
    }

    static func inconsistent(_ fact: String) -> Self {
        Self(.inconsistent, fact, hint: "publish the collection again")
    }

    static func database(_ error: PostgresError, doing what: String) -> Self {
        error.sqlstate == "42501"
            ? noPermission(toDo: what, cause: error)
            : Self(
                .database,
                error.isConnectionFailure ? "no connection to the database" : "the database could not \(what) (\(error.sqlstate))",
                cause: error)
    }

    /// Runs `body` and words what PostgreSQL throws as a failure to do `what`.
    static func wording<Result>(_ what: String, _ body: () throws -> Result) throws(TAPSchemaError) -> Result {
        do {
            return try body()
        } catch let error as TAPSchemaError {
            throw error
        } catch let error as PostgresError {
            throw database(error, doing: what)
        } catch {
            throw inconsistent("\(error)")
        }
    }
}

/// One thing wrong in a descriptor, and where.
struct DescriptorFault: Hashable, Sendable {
    /// As in `tables[2].columns[4].unit`.
    var path: String
    var line: Int?
    var message: String
}

import CutMerge
import DataLink
import Foundation
import Logging
import Names
import Postgres
import Redis
import Routes
import Synchronization
import TAP
import TAPSchema
import TableModel
import VOTable

/// The house, put together from its settings: which service stands on which.
struct Archive {
    let services: ArchiveServices
    let catalogue: LiveCatalogue

    /// - Throws: ``Complaint`` when a part can't be had that nothing works without.
    static func open(_ settings: Settings, logger: Logger) async throws -> Archive {
        let database = PostgresPool(
            uri: settings.databaseURL, connections: settings.databaseConnections, applicationName: "almagest",
            settings: ["statement_timeout": "120000"])
        let functions = try FunctionList.builtIn()
        try await install(database, logger: logger)
        let catalogue = LiveCatalogue(pool: database)
        try await catalogue.refresh()

        let redis = try settings.redisURL.map { try RedisClient(url: $0, logger: Logger(label: "almagest.redis")) }
        let selections = Selections(redis: redis, settings: .init(idle: settings.selectionIdle, lifetime: settings.selectionLifetime))
        let addresses = LinkAddresses(base: settings.baseURL)

        let workers = CutWorkers(
            settings: .init(executable: executable, arguments: [CutWorkerCommand.name], timeLimit: settings.cutTimeLimit),
            logger: Logger(label: "almagest.cutmerge"))
        let products = try ProductStore(
            settings: .init(folder: "\(settings.stateDir)/products", capacity: settings.cutCache), threads: settings.cutWorkers,
            cut: workers.cut)
        let cutMerge = CutMergeService(
            settings: .init(objectLimit: settings.cutObjects, software: Software.name, softwareVersion: Software.version),
            catalogue: catalogue,
            database: database, products: products)

        let lookUp: LinkResponder.LookUp = { identifiers in
            let holdings = catalogue.current.holdings
            return try await database.withSession { try holdings.rows(identifiers, on: $0) }.mapValues(LinkedRow.init)
        }
        let queries = QueryService(
            settings: .init(
                baseURL: settings.baseURL, defaultMAXREC: settings.tapMAXREC, hardMAXREC: settings.tapHardMAXREC,
                timeLimit: settings.tapTimeLimit),
            functions: functions, catalogue: catalogue, copies: copies(settings, isReader: try await isReader(database, logger: logger)),
            companions: companions(selections, addresses))
        let start = Date()
        return Archive(
            services: ArchiveServices(
                queries: queries, catalogue: catalogue, database: database, selections: selections, cutMerge: cutMerge,
                links: LinkResponder(addresses: addresses, selections: selections, lookUp: lookUp), addresses: addresses, lookUp: lookUp,
                availability: { await availability(database, since: start) }, compression: settings.httpCompression),
            catalogue: catalogue)
    }

    /// The program that runs now. Linux has a link to the very file, which stays right when a newer one takes its place on disk.
    private static var executable: String {
        let link = "/proc/self/exe"
        return FileManager.default.fileExists(atPath: link) ? link : CommandLine.arguments[0]
    }

    private static func install(_ database: PostgresPool, logger: Logger) async throws {
        do {
            try await database.withSession { session in
                let provision = try ArchiveSchema.install(on: session, logger: logger)
                logger.info("the database is ready", metadata: ["pgSphere": "\(provision)"])
            }
        } catch let error as TAPSchemaError {
            throw Complaint(error.description, detail: error.internals)
        } catch let error as PostgresError {
            throw Complaint.database(error)
        }
    }

    /// Connections for queries: they read only, one statement at a time, what is published and nothing else; and PostgreSQL itself ends what
    /// runs too long.
    private static func copies(_ settings: Settings, isReader: Bool) -> CopyPool {
        CopyPool(
            uri: settings.databaseURL, limits: .init(connections: settings.tapConnections), applicationName: "almagest-tap",
            settings: (isReader ? ["role": ReaderRole.name] : [:]).merging([
                "default_transaction_read_only": "on", "statement_timeout": String(settings.tapTimeLimit.components.seconds * 1000),
                "jit": "off", "standard_conforming_strings": "on", "TimeZone": "UTC", "extra_float_digits": "1",
            ]) { first, _ in first })
    }

    /// Whether queries can run under a role that may read what is published and nothing else.
    private static func isReader(_ database: PostgresPool, logger: Logger) async throws -> Bool {
        let isUsable = try await database.withSession { try ReaderRole.isUsable(on: $0) }
        if !isUsable {
            logger.warning(
                "queries run as the archive's own user; let an administrator create the role and grant it to that user",
                metadata: ["role": "\(ReaderRole.name)"])
        }
        return isUsable
    }

    /// What results get from the rooms around links.
    private static func companions(_ selections: Selections, _ addresses: LinkAddresses) -> QueryService.Companions {
        QueryService.Companions(
            remember: { linked in
                let record = ClientRecord(query: linked.query, maxrec: linked.maxrec, tables: linked.tables, time: Date())
                // Without Redis the links carry their rows themselves.
                try? await selections.remember(client: linked.client, record)
            },
            services: { fields, rowColumns, client in
                let identifiers = rowColumns.filter { !$0.isAccessURL }.compactMap { fields[$0.index].id }
                return identifiers.map { addresses.linksService(forColumn: $0, client: client) } + [addresses.resultService(client: client)]
            })
    }

    private static func availability(_ database: PostgresPool, since start: Date) async -> Availability {
        do {
            _ = try await database.withSession { try $0.query("SELECT 1").count }
            return Availability(available: true, upSince: start, notes: [])
        } catch {
            return Availability(available: false, upSince: start, notes: ["the database can't be reached"])
        }
    }
}

extension LinkedRow {
    /// A row as the links room wants to know it.
    init(_ row: HeldRow) {
        let dataset = row.dataset
        self.init(
            identifier: row.identifier,
            table: LinkedTable(
                name: dataset.fullName, offersProduct: dataset.links.contains(.this), offersProgenitor: dataset.links.contains(.progenitor),
                relations: dataset.links.contains(.counterpart)
                    ? dataset.relations.map { .init(name: $0.name, semantics: $0.semantics, description: $0.description) } : []),
            keyName: row.keyName, file: LinkedFile(name: row.file.name, size: row.file.size, format: row.file.format),
            objectBytes: row.file.size / max(1, row.file.objects))
    }
}

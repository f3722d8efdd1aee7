import CutMerge
import DataLink
import Foundation
import Jobs
import Logging
import Names
import Postgres
import Redis
import Routes
import Synchronization
import TAP
import TAPSchema
import TableModel
import Uploads
import VOTable

/// The house, put together from its settings: which service stands on which.
struct Archive {
    let services: ArchiveServices
    let catalogue: LiveCatalogue
    let sweeper: UploadSweeper
    /// Brings to Redis what is on its way there, when all requests have been answered.
    let finish: @Sendable () async -> Void

    /// - Throws: ``Complaint`` when a part can't be had that nothing works without.
    static func open(_ settings: Settings, logger: Logger) async throws -> Archive {
        let database = PostgresPool(
            uri: settings.databaseURL, connections: settings.databaseConnections, applicationName: "almagest",
            settings: ["statement_timeout": "120000"])
        let listed = try settings.functionList()
        try await install(database, logger: logger)
        let catalogue = LiveCatalogue(pool: database)
        try await catalogue.refresh()
        let functions = try await usable(listed, database, catalogue, logger)

        let redis = try settings.redisURL.map { try RedisClient(url: $0, logger: Logger(label: "almagest.redis")) }
        let selections = Selections(redis: redis, settings: .init(idle: settings.selectionIdle, lifetime: settings.selectionLifetime))
        let addresses = LinkAddresses(base: settings.baseURL)

        let workers = CutWorkers(
            settings: .init(
                executable: executable, arguments: [CutWorkerCommand.name, "--memory", "\(settings.cutMemory)"],
                timeLimit: settings.cutTimeLimit),
            logger: Logger(label: "almagest.cutmerge"))
        let products = try ProductStore(
            settings: .init(folder: "\(settings.stateDir)/products", capacity: settings.cutCache, queue: settings.cutQueue),
            threads: settings.cutWorkers, cut: workers.cut)
        let cutMerge = CutMergeService(
            settings: .init(
                objectLimit: settings.cutObjects, byteLimit: settings.cutBytes, software: Software.name, softwareVersion: Software.version),
            catalogue: catalogue,
            database: database, products: products)

        let lookUp: LinkResponder.LookUp = { identifiers in
            let holdings = catalogue.current.holdings
            let rows = try await database.withSession { try holdings.rows(identifiers, on: $0) }
            // Thousands of rows are of a table or two.
            var tables: [TableTag: LinkedTable] = [:]
            return rows.mapValues { row in
                let table = tables[row.identifier.tag] ?? LinkedTable(row.dataset)
                tables[row.identifier.tag] = table
                return LinkedRow(row, of: table)
            }
        }
        let authority = settings.authority
        let naming: LinkResponder.Naming = { text in
            RowIdentifier(uuid: text) ?? catalogue.current.holdings.row(publisherID: text, authority: authority)
        }
        let isReader = try await isReader(database, logger: logger)
        let uploads = UploadDesk(
            databaseURL: settings.databaseURL, connections: settings.uploadConnections,
            limits: .init(
                rows: settings.uploadRows, bytes: settings.uploadBytes, columns: settings.uploadColumns, tables: settings.uploadTables,
                kept: settings.uploadKept),
            reader: isReader ? ReaderRole.name : nil, openHosts: settings.uploadHosts, agent: Software.nameAndVersion)
        let sweeper = UploadSweeper(desk: uploads, databaseURL: settings.databaseURL)
        await sweeper.start()
        let connections = QueryConnections(settings, isReader: isReader)
        let inspector = QueryInspector(functions: functions, catalogue: catalogue, planner: connections.planner)
        let companions = companions(selections, addresses, catalogue, uploads, kept: settings.selectionLifetime)
        let queries = QueryService(
            settings: .init(
                baseURL: settings.baseURL, defaultMAXREC: settings.tapMAXREC, hardMAXREC: settings.tapHardMAXREC,
                timeLimit: settings.tapTimeLimit, syncCostLimit: settings.tapSyncCost == 0 ? nil : Double(settings.tapSyncCost)),
            functions: functions, catalogue: catalogue,
            copies: connections.results(
                connections: settings.tapConnections, timeLimit: settings.tapTimeLimit, transferLimit: settings.tapTransferLimit),
            inspector: inspector, companions: companions)
        // The same as queries now, with limits and connections of their own.
        let queriesOfJobs = QueryService(
            settings: .init(
                baseURL: settings.baseURL, defaultMAXREC: settings.jobsMAXREC, hardMAXREC: settings.jobsHardMAXREC,
                timeLimit: .seconds(settings.jobsHardTimeLimit)),
            functions: functions, catalogue: catalogue,
            copies: connections.jobResults(connections: settings.jobsWorkers, timeLimit: .seconds(settings.jobsHardTimeLimit)),
            inspector: inspector, companions: companions)
        let jobs = try jobs(settings, queriesOfJobs, uploads)
        let productJobs = try productJobs(
            settings, ProductJob(cutMerge: cutMerge, uploads: uploads, objectLimit: settings.cutJobObjects))
        let clientLimit = ClientLimit(
            queries: settings.tapClientQueries, lease: settings.tapTimeLimit + settings.httpStallLimit * 2 + .seconds(60), redis: redis,
            logger: Logger(label: "almagest.tap"))
        let start = Date()
        return Archive(
            services: ArchiveServices(
                queries: queries, uploads: uploads, jobs: jobs, productJobs: productJobs, inspector: inspector,
                visitors: Visitors(limit: clientLimit, proxies: settings.trustedProxies),
                limits: ServiceLimits(
                    queries.settings, concurrentQueries: clientLimit.queries, jobs: (jobs.settings, queriesOfJobs.settings),
                    uploads: uploads.limits),
                catalogue: catalogue, database: database, selections: selections, cutMerge: cutMerge,
                cutJobObjects: settings.cutJobObjects,
                links: LinkResponder(
                    addresses: addresses, selections: selections, naming: naming,
                    isKept: { Self.size(of: "\(settings.stateDir)/products/\($0.name)") == $0.size }, lookUp: lookUp),
                addresses: addresses, lookUp: lookUp, naming: naming,
                publisherID: { catalogue.current.holdings.publisherID(of: $0, authority: authority) },
                availability: { await availability(database, redis, since: start) }, compression: settings.httpCompression),
            catalogue: catalogue, sweeper: sweeper,
            finish: {
                await selections.writeRemembered()
                await clientLimit.giveBack()
            })
    }

    /// The program that runs now. Linux has a link to the very file, which stays right when a newer one takes its place on disk.
    static var executable: String {
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

    /// The functions for which the database has all that they need.
    ///
    /// - Throws: ``Complaint`` with what PostgreSQL refuses of the archive's own.
    private static func usable(
        _ functions: FunctionList, _ database: PostgresPool, _ catalogue: LiveCatalogue, _ logger: Logger
    ) async throws -> FunctionList {
        let archive = catalogue.current.catalogue
        return try await database.withSession { session in
            let usable = functions.limited(toExtensions: try FunctionCheck.extensions(on: session))
            for function in functions.functions where usable.function(named: function.name) == nil {
                logger.notice("left a function out", metadata: ["function": "\(function.name)", "needs": "\(function.needs ?? "")"])
            }
            let faults = FunctionCheck(functions: usable, catalogue: archive).faults(of: usable.functions.filter(\.isOwn), on: session)
            if !faults.isEmpty { throw Complaint.functions(faults) }
            return usable
        }
    }

    private static func size(of path: String) -> Int? {
        (try? FileManager.default.attributesOfItem(atPath: path))?[.size] as? Int
    }

    private static func jobs(_ settings: Settings, _ queries: QueryService, _ uploads: UploadDesk) throws -> JobService<QueryJob> {
        try JobService(
            kind: "tap", settings: jobSettings(settings, workers: settings.jobsWorkers), work: QueryJob(queries: queries, uploads: uploads),
            database: jobDatabase(settings, connections: 4))
    }

    /// Products are cut by all that ask in turn: jobs leave one worker to those who wait for an answer.
    private static func productJobs(_ settings: Settings, _ work: ProductJob) throws -> JobService<ProductJob> {
        try JobService(
            kind: "cutmerge", settings: jobSettings(settings, workers: max(1, settings.cutWorkers - 1)), work: work,
            database: jobDatabase(settings, connections: 2))
    }

    private static func jobSettings(_ settings: Settings, workers: Int) -> JobSettings {
        JobSettings(
            folder: "\(settings.stateDir)/results", databaseURI: settings.databaseURL, workers: workers,
            executionDuration: settings.jobsTimeLimit, longestExecutionDuration: settings.jobsHardTimeLimit,
            retention: settings.jobsRetention, longestRetention: settings.jobsHardRetention)
    }

    /// Jobs have connections of their own, so that whatever else goes on, they are taken down and answered.
    private static func jobDatabase(_ settings: Settings, connections: Int) -> PostgresPool {
        PostgresPool(
            uri: settings.databaseURL, connections: connections, applicationName: "almagest-jobs",
            settings: ["statement_timeout": "30000", "idle_in_transaction_session_timeout": "30000"])
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
    ///
    /// - Parameter kept: how long a stored query lives, and with it the tables that it was asked with.
    private static func companions(
        _ selections: Selections, _ addresses: LinkAddresses, _ catalogue: LiveCatalogue, _ uploads: UploadDesk, kept: Duration
    ) -> QueryService.Companions {
        QueryService.Companions(
            remember: { linked in
                var record = ClientRecord(query: linked.query, maxrec: linked.maxrec, tables: linked.tables, time: Date())
                // Without Redis the links carry their rows themselves.
                guard !linked.uploads.isEmpty else { return selections.rememberSoon(client: linked.client, record) }
                record.uploads = (try? JSONEncoder().encode(linked.uploads)).map { String(decoding: $0, as: UTF8.self) }
                // Tables without a query to find them by would be kept for nothing. One that can't be kept is missed when it is asked for.
                guard (try? await selections.remember(client: linked.client, record)) != nil else { return }
                try? await uploads.keep(linked.uploads, for: kept)
            },
            services: { fields, rowColumns, client in
                let identifiers = rowColumns.filter { !$0.isAccessURL }.compactMap { fields[$0.index].id }
                let holdings = catalogue.current.holdings
                let relations = Set(rowColumns.flatMap { holdings[$0.tag]?.relations.map(\.name) ?? [] }).sorted()
                return identifiers.map { addresses.linksService(forColumn: $0, client: client) }
                    + [addresses.resultService(client: client, relations: relations)]
            })
    }

    /// Without the database nothing works; without Redis all but selections that grow from link to link.
    private static func availability(_ database: PostgresPool, _ redis: RedisClient?, since start: Date) async -> Availability {
        do {
            _ = try await database.withSession { try $0.query("SELECT 1").count }
        } catch {
            return Availability(
                available: false, upSince: start, notes: ["the database can't be reached; queries and links fail until it is back"])
        }
        do {
            try await redis?.send(RedisCommand("PING"))
            return Availability(available: true, upSince: start, notes: [])
        } catch {
            return Availability(
                available: true, upSince: start,
                notes: ["the store of selections can't be reached; queries work, and links cover the rows that a request names"])
        }
    }
}

extension LinkedRow {
    /// A row as the links room wants to know it.
    init(_ row: HeldRow, of table: LinkedTable) {
        self.init(
            identifier: row.identifier, table: table, keyName: row.keyName,
            file: LinkedFile(name: row.file.name, size: row.file.size, format: row.file.format),
            objectBytes: row.file.size / max(1, row.file.objects))
    }
}

extension LinkedTable {
    init(_ dataset: Dataset) {
        self.init(
            name: dataset.fullName, offersProduct: dataset.links.contains(.this), offersProgenitor: dataset.links.contains(.progenitor),
            productType: dataset.productType.map { "#\($0)" },
            relations: dataset.links.contains(.counterpart)
                ? dataset.relations.map { .init(name: $0.name, semantics: $0.semantics, description: $0.description) } : [])
    }
}

/// All that an operator can set, on one page: `almagest serve --help` and the README print it from here.
enum Setting: String, CaseIterable {
    case databaseURL = "database.url"
    case databaseConnections = "database.connections"
    case redisURL = "redis.url"
    case httpHost = "http.host"
    case httpPort = "http.port"
    case httpCompression = "http.compression"
    case httpStallLimit = "http.stall.limit"
    case httpCertificate = "http.tls.certificate"
    case httpKey = "http.tls.key"
    case trustedProxies = "http.trusted.proxies"
    case baseURL = "base.url"
    case authority = "authority"
    case stateDir = "state.dir"
    case tapConnections = "tap.connections"
    case tapMAXREC = "tap.maxrec"
    case tapHardMAXREC = "tap.hard.maxrec"
    case tapTimeLimit = "tap.time.limit"
    case tapTransferLimit = "tap.transfer.limit"
    case uploadRows = "upload.rows"
    case uploadBytes = "upload.bytes"
    case uploadColumns = "upload.columns"
    case uploadTables = "upload.tables"
    case uploadConnections = "upload.connections"
    case uploadHosts = "upload.hosts"
    case uploadKept = "upload.kept"
    case tapSyncCost = "tap.sync.cost"
    case tapClientQueries = "tap.client.queries"
    case functions = "functions"
    case jobsWorkers = "jobs.workers"
    case jobsMAXREC = "jobs.maxrec"
    case jobsHardMAXREC = "jobs.hard.maxrec"
    case jobsTimeLimit = "jobs.time.limit"
    case jobsHardTimeLimit = "jobs.hard.time.limit"
    case jobsRetention = "jobs.retention"
    case jobsHardRetention = "jobs.hard.retention"
    case selectionIdle = "selection.idle"
    case selectionLifetime = "selection.lifetime"
    case cutObjects = "cut.objects"
    case cutJobObjects = "cut.job.objects"
    case cutWorkers = "cut.workers"
    case cutTimeLimit = "cut.time.limit"
    case cutCache = "cut.cache"
    case cutBytes = "cut.bytes"
    case cutMemory = "cut.memory"
    case cutQueue = "cut.queue"
    case logLevel = "log.level"

    /// The name in the environment: `ALMAGEST_DATABASE_URL`.
    var environmentName: String {
        "ALMAGEST_" + rawValue.replacing(".", with: "_").uppercased()
    }

    /// What holds when nothing is set; nil where that means to go without.
    var fallback: String? {
        switch self {
        case .databaseURL: "postgresql:///almagest"
        case .databaseConnections: "8"
        case .redisURL: nil
        case .httpHost: "127.0.0.1"
        case .httpPort: "3000"
        case .httpCompression: "adaptive"
        case .httpStallLimit: "120"
        case .httpCertificate, .httpKey: nil
        case .trustedProxies: nil
        case .baseURL: nil
        case .authority: nil
        case .stateDir: ".almagest/state"
        case .tapConnections: "40"
        case .tapMAXREC: "10000000"
        case .tapHardMAXREC: "100000000"
        case .tapTimeLimit: "600"
        case .tapTransferLimit: "21600"
        case .uploadRows: "10000000"
        case .uploadBytes: "2000000000"
        case .uploadColumns: "700"
        case .uploadTables: "10"
        case .uploadConnections: "8"
        case .uploadHosts: nil
        case .uploadKept: "10000000000"
        case .tapSyncCost: "1000000000"
        case .tapClientQueries: "20"
        case .functions: nil
        case .jobsWorkers: "4"
        case .jobsMAXREC: "10000000"
        case .jobsHardMAXREC: "100000000"
        case .jobsTimeLimit: "3600"
        case .jobsHardTimeLimit: "86400"
        case .jobsRetention: "604800"
        case .jobsHardRetention: "2592000"
        case .selectionIdle: "900"
        case .selectionLifetime: "86400"
        case .cutObjects: "50000"
        case .cutJobObjects: "500000"
        case .cutWorkers: "2"
        case .cutTimeLimit: "600"
        case .cutCache: "10000000000"
        case .cutBytes: "4000000000"
        case .cutMemory: "1000000000"
        case .cutQueue: "200"
        case .logLevel: "info"
        }
    }

    var meaning: String {
        switch self {
        case .databaseURL: "PostgreSQL, as libpq's connection URI"
        case .databaseConnections: "connections for metadata and links"
        case .redisURL: "Redis, as redis://host:port/db or unix:///path; without it there are no selections"
        case .httpHost: "address to listen on"
        case .httpPort: "port to listen on"
        case .httpCompression:
            "gzip and zstd for clients that offer them: adaptive (while the network is slower than the compressor), always or never"
        case .httpStallLimit: "seconds after which a client is hung up on that takes nothing of its answer"
        case .httpCertificate:
            "PEM file with the server's certificate and those that vouch for it: with it, all is served over TLS, as HTTP/2 and HTTP/1.1"
        case .httpKey: "PEM file with the certificate's key"
        case .trustedProxies:
            "addresses of proxies in front, as in 127.0.0.1, 10.0.0.0/8; their X-Forwarded-For says who a client is"
        case .baseURL: "public address of the archive, without a slash at the end; default http://localhost:<port>"
        case .authority:
            "IVOA authority of identifiers such as ivo://authority/gaia?completesource/5369; default the host of the public address"
        case .stateDir: "folder for products and the results of jobs"
        case .tapConnections: "results that are read at the same time; each holds a connection to PostgreSQL, and a fifth is for small ones"
        case .tapMAXREC: "rows of a result when the client sets no MAXREC"
        case .tapHardMAXREC: "rows of a result whatever the client sets"
        case .tapTimeLimit: "seconds that a query may run; the time that its reader takes does not count"
        case .tapTransferLimit: "seconds that a query may take with the time that its reader takes"
        case .uploadRows: "rows of an uploaded table"
        case .uploadBytes: "bytes of all tables that a request uploads, as sent and unpacked"
        case .uploadColumns: "columns of an uploaded table"
        case .uploadTables: "tables that a request uploads"
        case .uploadConnections: "uploaded tables that are read at the same time; each holds a connection to PostgreSQL"
        case .uploadHosts: "hosts, with commas between, that tables are read from although they lie in a private network"
        case .uploadKept:
            "bytes on disk of uploaded tables that are kept so that a whole result can be cut out; those with the least time left go first"
        case .tapSyncCost: "cost, by the planner's estimate, above which a query is not answered at once; 0 for any"
        case .tapClientQueries: "queries of one client that are answered at the same time; 0 for any number"
        case .functions: "a file with functions of the archive's own for queries, written as adql/functions.yaml is"
        case .jobsWorkers: "asynchronous queries that are executed at the same time; one client holds all but one at most"
        case .jobsMAXREC: "rows of a job's result when the client sets no MAXREC"
        case .jobsHardMAXREC: "rows of a job's result whatever the client sets"
        case .jobsTimeLimit: "seconds that a job may run when the client sets no execution duration"
        case .jobsHardTimeLimit: "seconds that a job may run whatever the client sets"
        case .jobsRetention: "seconds that a job and its result are kept when the client sets no destruction time"
        case .jobsHardRetention: "seconds that a job and its result are kept whatever the client sets"
        case .selectionIdle: "seconds after which an untouched selection is closed"
        case .selectionLifetime: "seconds that a selection's links live"
        case .cutObjects: "objects that one Cut & Merge may hold that is made at once"
        case .cutJobObjects: "objects that one Cut & Merge may hold that is made as a job"
        case .cutWorkers: "products that are made at the same time, each in a process of its own"
        case .cutTimeLimit: "seconds that the making of a product may take"
        case .cutCache: "bytes of finished products that are kept"
        case .cutBytes: "bytes that one product may have"
        case .cutMemory: "bytes of memory that each process may have which cuts or ingests; a data file that needs more counts as damaged"
        case .cutQueue: "products that may wait to be made; more are refused until there are fewer"
        case .logLevel: "trace, debug, info, notice, warning, error or critical"
        }
    }

    /// The page for `--help`.
    static var page: String {
        let rows = allCases.map { setting in
            "  \(setting.environmentName)\n      \(setting.meaning)" + (setting.fallback.map { " (default \($0))" } ?? "")
        }
        return """
            SETTINGS
            From the environment, or from a YAML file named by --settings, where ALMAGEST_DATABASE_URL is written
            database: {url: …}. The environment wins.

            \(rows.joined(separator: "\n"))
            """
    }
}

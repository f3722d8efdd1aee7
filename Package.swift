// swift-tools-version: 6.2

// Almagest, read from top to bottom, is the way of a request seen from below: each room needs only rooms above it.
// A room is a target; a floor is a folder of rooms. The package manager refuses a circle, so the direction holds.

import PackageDescription

// MARK: - Floors and rooms, lowest first

let rooms: [Target] = [
    // Doors: one C library each.
    .systemLibrary(name: "CMalloc", path: "Sources/Doors/CMalloc"),
    door("CPostgres", pkgConfig: "libpq", apt: "libpq-dev"),
    door("CHiredis", pkgConfig: "hiredis", apt: "libhiredis-dev"),
    door("CHDF5", pkgConfig: "hdf5", apt: "libhdf5-dev"),
    door("CLibXML2", pkgConfig: "libxml-2.0", apt: "libxml2-dev"),
    door("CZlib", pkgConfig: "zlib", apt: "zlib1g-dev"),
    door("CZstd", pkgConfig: "libzstd", apt: "libzstd-dev"),
    door("CCurl", pkgConfig: "libcurl", apt: "libcurl4-openssl-dev"),

    // Files that are compiled in.
    room("SchemaFiles", at: "tap_schema", needs: [], resources: [.embedInCode("descriptors"), .embedInCode("ddl")]),
    room("ADQLFiles", at: "adql", needs: [], resources: [.embedInCode("functions.yaml")], exclude: ["corpus"]),

    // Tables: the vocabulary, and how rows are written down and read.
    room("TableModel", on: "Tables", needs: []),
    room("XML", on: "Tables", needs: ["CLibXML2", .nio]),
    room("Pages", on: "Tables", needs: ["XML", .nio], resources: [.embedInCode("style.css"), .embedInCode("page.js")]),
    room("TableInput", on: "Tables", needs: ["CZlib", "TableModel"]),
    room("VOTable", on: "Tables", needs: ["TableModel", "TableInput", "XML", .nio]),
    room("TableReaders", on: "Tables", needs: ["TableModel", "TableInput", "VOTable"]),
    room("Compression", on: "Tables", needs: ["CZlib", "CZstd", .nio]),
    room("Formats", on: "Tables", needs: ["TableModel", "XML", "Pages", "VOTable", "Compression", .nio]),

    // Query: from text to SQL. Pure.
    room("ADQL", on: "Query", needs: []),
    room("Names", on: "Query", needs: ["ADQL", "ADQLFiles", "TableModel", .yams]),
    room("SQL", on: "Query", needs: ["ADQL", "Names", "TableModel"]),

    // Stores: what keeps bytes.
    room("Executors", on: "Stores", needs: ["CMalloc"]),
    room("Postgres", on: "Stores", needs: ["CPostgres", "Executors"]),
    room("Redis", on: "Stores", needs: ["CHiredis", "Executors", .log]),
    room("HDF5", on: "Stores", needs: ["CHDF5"]),
    room("Files", on: "Stores", needs: ["Executors", .crypto]),

    // Services: what an astronomer asks for.
    room("TAPSchema", on: "Services", needs: ["SchemaFiles", "TableModel", "Postgres", .yams, .log]),
    room("Jobs", on: "Services", needs: ["XML", "Pages", "Executors", "Postgres", .crypto, .log, .nio]),
    room(
        "Uploads", on: "Services",
        needs: ["CCurl", "TableModel", "TableInput", "TableReaders", "Executors", "Postgres", .log, .nio]),
    room(
        "TAP", on: "Services",
        needs: [
            "TableModel", "XML", "Pages", "VOTable", "Formats", "ADQL", "Names", "SQL", "Executors", "Postgres", "Redis", "TAPSchema",
            "Uploads",
            "Jobs",
            .log, .nio,
        ]),
    room(
        "CutMerge", on: "Services",
        needs: ["TableModel", "Executors", "Files", "Postgres", "Redis", "HDF5", "TAPSchema", .crypto, .log]),
    room(
        "DataLink", on: "Services",
        needs: ["TableModel", "XML", "Pages", "VOTable", "Postgres", "TAPSchema", "Uploads", "Jobs", "CutMerge", .log, .nio]),
    room("Ingest", on: "Services", needs: ["TableModel", "Executors", "Postgres", "HDF5", "TAPSchema", .crypto, .log]),

    // Web: the only floor that knows HTTP.
    room(
        "Routes", on: "Web",
        needs: [
            "TableModel", "XML", "Pages", "VOTable", "Compression", "Formats", "Postgres", "Files", "TAPSchema", "Uploads", "Jobs", "TAP",
            "DataLink",
            "CutMerge",
            .crypto, .log, .nio, .hummingbird, .hummingbirdCore, .hummingbirdHTTP2, .nioSSL, .httpTypes,
        ]),

    .executableTarget(
        name: "almagest",
        dependencies: [
            "TableModel", "VOTable", "Compression", "ADQL", "Names", "SQL", "Executors", "Postgres", "Redis", "HDF5", "TAPSchema",
            "Uploads", "Jobs", "TAP", "DataLink", "CutMerge", "Ingest", "Routes",
            .log, .nio, .hummingbird, .hummingbirdCore, .lifecycle, .signals, .argumentParser, .configuration, .system,
        ],
        path: "Sources/almagest",
        swiftSettings: style()),
]

let tests: [Target] = [
    // A database for a test, and queries at random, also for the fuzzer.
    .target(name: "TestDatabase", dependencies: ["Postgres"], path: "Tests/TestDatabase", swiftSettings: style()),
    .target(name: "QueryGeneration", dependencies: ["ADQL"], path: "Tests/QueryGeneration", swiftSettings: style()),

    test("TableModelTests", of: ["TableModel"]),
    test("VOTableTests", of: ["TableModel", "XML", "VOTable", .nio]),
    test("TableReadersTests", of: ["TableModel", "TableInput", "TableReaders"]),
    test("UploadsTests", of: ["TableModel", "TableInput", "Postgres", "TAPSchema", "Uploads", "TestDatabase", .nio]),
    test("CompressionTests", of: ["CZlib", "CZstd", "Compression", .nio]),
    test("FormatsTests", of: ["TableModel", "XML", "VOTable", "Formats", .nio]),
    .executableTarget(name: "fuzz-queries", dependencies: ["QueryGeneration"], path: "Tests/Fuzz", swiftSettings: style()),
    .executableTarget(
        name: "query-speed", dependencies: ["ADQL", "Names", "SQL", "TableModel", "Executors"], path: "Tests/Speed/Queries",
        swiftSettings: style()),
    .executableTarget(
        name: "encoder-speed", dependencies: ["TableModel", "VOTable", "Formats", .nio], path: "Tests/Speed/Encoders",
        swiftSettings: style()),
    test("ADQLTests", of: ["ADQL", "QueryGeneration"]),
    test("NamesTests", of: ["ADQL", "Names", "TableModel"]),
    test("SQLTests", of: ["ADQL", "Names", "SQL", "TableModel", "Postgres", "TAPSchema", "QueryGeneration", "TestDatabase"]),
    test("PostgresTests", of: ["Executors", "Postgres"]),
    test("RedisTests", of: ["Executors", "Redis", .log]),
    test("HDF5Tests", of: ["HDF5"]),
    test("FilesTests", of: ["Files", .crypto]),
    test("TAPSchemaTests", of: ["SchemaFiles", "TableModel", "Postgres", "TAPSchema", "TestDatabase"]),
    test("JobsTests", of: ["SchemaFiles", "Postgres", "Jobs", "TestDatabase", .log, .nio]),
    test("CutMergeTests", of: ["TableModel", "Executors", "Postgres", "Redis", "HDF5", "TAPSchema", "CutMerge", .log]),
    test("DataLinkTests", of: ["TableModel", "XML", "VOTable", "Redis", "TAPSchema", "CutMerge", "DataLink", .log, .nio]),
    test("TAPTests", of: ["Redis", "TAP", .log]),
    test("IngestTests", of: ["TableModel", "Executors", "Postgres", "HDF5", "TAPSchema", "Ingest"]),
    test("RoutesTests", of: ["Routes"]),
]

let package = Package(
    name: "almagest",
    platforms: [.macOS(.v15)],
    products: [.executable(name: "almagest", targets: ["almagest"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-configuration.git", from: "1.4.0", traits: ["YAML"]),
        .package(url: "https://github.com/apple/swift-crypto.git", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types.git", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log.git", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl.git", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-system.git", from: "1.8.1"),
        .package(url: "https://github.com/hummingbird-project/hummingbird.git", from: "2.28.1"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", from: "2.13.0"),
        .package(url: "https://github.com/jpsim/Yams.git", from: "6.2.2"),
    ],
    targets: rooms + tests,
    swiftLanguageModes: [.v6])

// MARK: - How a room is declared

func style() -> [SwiftSetting] {
    [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .treatAllWarnings(as: .error),
    ]
}

func door(_ name: String, pkgConfig: String, apt: String) -> Target {
    .systemLibrary(name: name, path: "Sources/Doors/\(name)", pkgConfig: pkgConfig, providers: [.apt([apt])])
}

func room(
    _ name: String, on floor: String = "", at path: String? = nil, needs: [Target.Dependency], resources: [Resource] = [],
    exclude: [String] = []
) -> Target {
    .target(
        name: name, dependencies: needs, path: path ?? "Sources/\(floor)/\(name)", exclude: exclude, resources: resources,
        swiftSettings: style())
}

func test(_ name: String, of rooms: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: rooms, path: "Tests/\(name)", swiftSettings: style())
}

extension Target.Dependency {
    static var argumentParser: Self { .product(name: "ArgumentParser", package: "swift-argument-parser") }
    static var configuration: Self { .product(name: "Configuration", package: "swift-configuration") }
    static var crypto: Self { .product(name: "Crypto", package: "swift-crypto") }
    static var httpTypes: Self { .product(name: "HTTPTypes", package: "swift-http-types") }
    static var hummingbird: Self { .product(name: "Hummingbird", package: "hummingbird") }
    static var hummingbirdHTTP2: Self { .product(name: "HummingbirdHTTP2", package: "hummingbird") }
    static var hummingbirdCore: Self { .product(name: "HummingbirdCore", package: "hummingbird") }
    static var lifecycle: Self { .product(name: "ServiceLifecycle", package: "swift-service-lifecycle") }
    static var log: Self { .product(name: "Logging", package: "swift-log") }
    static var nio: Self { .product(name: "NIOCore", package: "swift-nio") }
    static var nioSSL: Self { .product(name: "NIOSSL", package: "swift-nio-ssl") }
    static var signals: Self { .product(name: "UnixSignals", package: "swift-service-lifecycle") }
    static var system: Self { .product(name: "SystemPackage", package: "swift-system") }
    static var yams: Self { .product(name: "Yams", package: "Yams") }
}

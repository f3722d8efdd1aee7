import Compression
import Configuration
import Foundation
import Logging
import Routes
import SystemPackage

/// What is set, read once and checked.
struct Settings: Sendable {
    var databaseURL: String
    var databaseConnections: Int
    var redisURL: String?
    var httpHost: String
    var httpPort: Int
    var httpCompression: CompressionPolicy
    var httpStallLimit: Duration
    /// For TLS; nil where HTTP is served as it is.
    var httpIdentity: ServerIdentity?
    var trustedProxies: TrustedProxies
    var baseURL: String
    var authority: String
    var stateDir: String
    var tapConnections: Int
    var tapMAXREC: Int
    var tapHardMAXREC: Int
    var tapTimeLimit: Duration
    var tapTransferLimit: Duration
    var uploadRows: Int
    var uploadBytes: Int
    var uploadColumns: Int
    var uploadTables: Int
    var uploadConnections: Int
    var uploadHosts: [String]
    var uploadKept: Int
    var tapSyncCost: Int
    var tapClientQueries: Int
    var functions: String?
    var jobsWorkers: Int
    var jobsMAXREC: Int
    var jobsHardMAXREC: Int
    var jobsTimeLimit: Int
    var jobsHardTimeLimit: Int
    var jobsRetention: Int
    var jobsHardRetention: Int
    var selectionIdle: Duration
    var selectionLifetime: Duration
    var cutObjects: Int
    var cutJobObjects: Int
    var cutWorkers: Int
    var cutTimeLimit: Duration
    var cutCache: Int
    var cutBytes: Int
    var cutMemory: Int
    var cutQueue: Int
    var logLevel: Logger.Level

    /// Reads the environment, then the file.
    ///
    /// - Throws: ``SettingsError`` that names the setting and what it can be.
    init(file: String?) async throws {
        try self.init(try await SettingsReader(file: file))
    }

    // The compiler can't split an async initialiser of so many properties, so the wait is apart from them.
    private init(_ reader: SettingsReader) throws {
        databaseURL = try reader.text(.databaseURL)
        databaseConnections = try reader.number(.databaseConnections, atLeast: 1)
        redisURL = reader.optionalText(.redisURL)
        httpHost = try reader.text(.httpHost)
        httpPort = try reader.number(.httpPort, atLeast: 0)
        let compression = try reader.text(.httpCompression)
        guard let policy = CompressionPolicy(rawValue: compression.lowercased()) else {
            throw SettingsError.unfit(.httpCompression, compression, "one of adaptive, always, never")
        }
        httpCompression = policy
        httpStallLimit = .seconds(try reader.number(.httpStallLimit, atLeast: 1))
        httpIdentity = try reader.identity()
        let proxies = reader.optionalText(.trustedProxies) ?? ""
        guard let trusted = TrustedProxies(proxies) else {
            throw SettingsError.unfit(.trustedProxies, proxies, "addresses or networks between commas, such as 127.0.0.1, 10.0.0.0/8, ::1")
        }
        trustedProxies = trusted
        var base = reader.optionalText(.baseURL) ?? "\(httpIdentity == nil ? "http" : "https")://localhost:\(httpPort)"
        while base.hasSuffix("/") { base.removeLast() }
        guard let url = URL(string: base), ["http", "https"].contains(url.scheme), let host = url.host() else {
            throw SettingsError.unfit(.baseURL, base, "an absolute address such as https://archive.example.org")
        }
        baseURL = base
        authority = (reader.optionalText(.authority) ?? host).lowercased()
        guard authority.wholeMatch(of: /[a-z0-9][a-z0-9._~*'()\-]{2,}/) != nil else {
            throw SettingsError.unfit(.authority, authority, "three or more letters and digits, as in archive.example.org")
        }
        stateDir = try reader.text(.stateDir)
        tapConnections = try reader.number(.tapConnections, atLeast: 1)
        tapMAXREC = try reader.number(.tapMAXREC, atLeast: 1)
        tapHardMAXREC = try reader.number(.tapHardMAXREC, atLeast: 1)
        tapTimeLimit = .seconds(try reader.number(.tapTimeLimit, atLeast: 1))
        tapTransferLimit = .seconds(try reader.number(.tapTransferLimit, atLeast: 1))
        uploadRows = try reader.number(.uploadRows, atLeast: 1)
        uploadBytes = try reader.number(.uploadBytes, atLeast: 1)
        uploadColumns = try reader.number(.uploadColumns, atLeast: 1)
        guard uploadColumns <= 800 else {
            throw SettingsError.unfit(.uploadColumns, "\(uploadColumns)", "800 at most, since PostgreSQL takes no wider tables")
        }
        uploadTables = try reader.number(.uploadTables, atLeast: 1)
        uploadConnections = try reader.number(.uploadConnections, atLeast: 1)
        uploadHosts = (reader.optionalText(.uploadHosts) ?? "").split { $0 == "," || $0 == " " }.map(String.init)
        uploadKept = try reader.number(.uploadKept, atLeast: 0)
        tapSyncCost = try reader.number(.tapSyncCost, atLeast: 0)
        tapClientQueries = try reader.number(.tapClientQueries, atLeast: 0)
        functions = reader.optionalText(.functions)
        jobsWorkers = try reader.number(.jobsWorkers, atLeast: 1)
        jobsMAXREC = try reader.number(.jobsMAXREC, atLeast: 1)
        jobsHardMAXREC = try reader.number(.jobsHardMAXREC, atLeast: 1)
        jobsTimeLimit = try reader.number(.jobsTimeLimit, atLeast: 1)
        jobsHardTimeLimit = try reader.number(.jobsHardTimeLimit, atLeast: 1)
        jobsRetention = try reader.number(.jobsRetention, atLeast: 1)
        jobsHardRetention = try reader.number(.jobsHardRetention, atLeast: 1)
        selectionIdle = .seconds(try reader.number(.selectionIdle, atLeast: 1))
        selectionLifetime = .seconds(try reader.number(.selectionLifetime, atLeast: 1))
        cutObjects = try reader.number(.cutObjects, atLeast: 1)
        cutJobObjects = max(cutObjects, try reader.number(.cutJobObjects, atLeast: 1))
        cutWorkers = try reader.number(.cutWorkers, atLeast: 1)
        cutTimeLimit = .seconds(try reader.number(.cutTimeLimit, atLeast: 1))
        cutCache = try reader.number(.cutCache, atLeast: 0)
        cutBytes = try reader.number(.cutBytes, atLeast: 1_000_000)
        cutMemory = try reader.number(.cutMemory, atLeast: 100_000_000)
        cutQueue = try reader.number(.cutQueue, atLeast: 0)
        let level = try reader.text(.logLevel)
        guard let parsed = Logger.Level(rawValue: level.lowercased()) else {
            throw SettingsError.unfit(.logLevel, level, "one of trace, debug, info, notice, warning, error, critical")
        }
        logLevel = parsed
    }
}

/// A setting that can't be used, in words for the operator.
struct SettingsError: Error, CustomStringConvertible {
    var message: String

    var description: String { message }

    static func unfit(_ setting: Setting, _ value: String, _ wanted: String) -> Self {
        Self(message: "\(setting.environmentName) is \"\(value)\"; it must be \(wanted)")
    }
}

/// Reads single settings with their fallbacks.
private struct SettingsReader {
    let config: ConfigReader

    init(file: String?) async throws {
        var providers: [any ConfigProvider] = [EnvironmentVariablesProvider().prefixKeys(with: "almagest")]
        if let file {
            do {
                providers.append(try await FileProvider<YAMLSnapshot>(filePath: FilePath(file)))
            } catch {
                throw SettingsError(message: "the settings file \(file) can't be read: \(error)")
            }
        }
        config = ConfigReader(providers: providers)
    }

    func optionalText(_ setting: Setting) -> String? {
        let text = config.string(forKey: ConfigKey(setting.rawValue)) ?? config.int(forKey: ConfigKey(setting.rawValue)).map(String.init)
        return text?.isEmpty == false ? text : nil
    }

    func text(_ setting: Setting) throws(SettingsError) -> String {
        guard let text = optionalText(setting) ?? setting.fallback else { throw SettingsError.unfit(setting, "", "set") }
        return text
    }

    /// Certificate and key, which come together or not at all.
    func identity() throws(SettingsError) -> ServerIdentity? {
        guard let certificate = optionalText(.httpCertificate) else {
            guard let key = optionalText(.httpKey) else { return nil }
            throw .unfit(.httpKey, key, "left out where there is no \(Setting.httpCertificate.environmentName)")
        }
        let key = try text(.httpKey)
        do { return try ServerIdentity(certificate: certificate, key: key) } catch {
            throw .unfit(
                .httpCertificate, certificate,
                "a PEM file whose key is in \(key), which \(Setting.httpKey.environmentName) names (\(error))")
        }
    }

    func number(_ setting: Setting, atLeast least: Int) throws(SettingsError) -> Int {
        let text = try text(setting)
        guard let number = Int(text), number >= least else {
            throw .unfit(setting, text, "a whole number from \(least) up")
        }
        return number
    }
}

import ArgumentParser
import Executors
import Foundation
import Hummingbird
import HummingbirdCore
import Jobs
import Logging
import NIOCore
import Routes
import ServiceLifecycle
import TAP
import TAPSchema
import UnixSignals
import Uploads

/// `almagest serve`
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Serve the archive over HTTP until SIGTERM or SIGINT, then finish what is under way.",
        discussion: Setting.page)

    @OptionGroup var options: SettingsOptions

    func run() async throws {
        HeapMemory.keepFreed()
        let settings = try await options.read()
        LoggingSystem.bootstrap { label in
            var handler = StreamLogHandler.standardError(label: label)
            handler.logLevel = settings.logLevel
            return handler
        }
        let logger = Logger(label: "almagest")
        let archive = try await Archive.open(settings, logger: logger)
        let server = Application(
            router: ArchiveRouter.router(for: archive.services), server: connections(settings, logger: logger),
            configuration: .init(address: .hostname(settings.httpHost, port: settings.httpPort), serverName: Software.nameAndVersion),
            onServerRunning: { channel in
                logger.notice(
                    "serving", metadata: ["url": "\(settings.baseURL)", "address": "\(channel.localAddress.map { "\($0)" } ?? "")"])
            }, logger: logger)
        var configuration = ServiceGroupConfiguration(
            services: [
                // The last one ends first: requests that wait for a job are answered, so that the server need not wait for them.
                .init(service: Farewell(work: archive.finish)), .init(service: CatalogueWatch(catalogue: archive.catalogue)),
                .init(service: UploadWatch(sweeper: archive.sweeper)),
                .init(service: server),
                .init(service: JobWorkers(jobs: archive.services.jobs)),
                .init(service: JobWorkers(jobs: archive.services.productJobs)),
            ],
            gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        // Who reads slowly may finish within this time.
        configuration.maximumGracefulShutdownDuration = .seconds(30)
        do {
            try await ServiceGroup(configuration: configuration).run()
        } catch let error as IOError where error.errnoCode == EADDRINUSE {
            throw Complaint.portTaken(settings.httpPort)
        } catch let error as IOError where error.errnoCode == EACCES {
            throw Complaint.notAllowed(settings.httpPort)
        }
    }
}

/// How clients are listened to.
private func connections(_ settings: Settings, logger: Logger) -> HTTPServerBuilder {
    settings.httpIdentity.map { .secure($0, stallLimit: settings.httpStallLimit, logger: logger) }
        ?? .watched(stallLimit: settings.httpStallLimit)
}

/// Executes jobs while the server runs; at its end they go back into the queue.
private struct JobWorkers<Work: JobWork>: Service {
    let jobs: JobService<Work>

    func run() async {
        await cancelWhenGracefulShutdown { await jobs.run() }
    }
}

/// Keeps the catalogue up to date while the server runs.
private struct CatalogueWatch: Service {
    let catalogue: LiveCatalogue

    func run() async {
        await cancelWhenGracefulShutdown { await catalogue.run() }
    }
}

/// What is done last.
private struct Farewell: Service {
    let work: @Sendable () async -> Void

    func run() async {
        try? await gracefulShutdown()
        await work()
    }
}

/// Drops uploaded tables of server processes that ended without doing so.
private struct UploadWatch: Service {
    let sweeper: UploadSweeper

    func run() async {
        await cancelWhenGracefulShutdown { await sweeper.run() }
    }
}

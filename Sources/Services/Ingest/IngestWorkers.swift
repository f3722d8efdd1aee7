import Executors
import Foundation
import Postgres
import Synchronization
import TAPSchema

/// Reads data files in a process of its own, which is started when it is needed and replaced when it dies.
///
/// The process has its own session with the database, so that what it had in hand is undone when it dies.
package final class IngestWorkers: Sendable {
    package struct Settings: Sendable {
        /// The program to start; it has to run ``IngestWorker``.
        package var executable: String
        package var arguments: [String]
        package var databaseURI: String
        /// How long a file may go without a word of progress.
        package var timeLimit: Duration

        package init(executable: String, arguments: [String], databaseURI: String, timeLimit: Duration = .seconds(600)) {
            self.executable = executable
            self.arguments = arguments
            self.databaseURI = databaseURI
            self.timeLimit = timeLimit
        }
    }

    private let settings: Settings
    private let idle = Mutex<ChildProcess?>(nil)

    package init(settings: Settings) {
        self.settings = settings
    }

    /// What became of the file of that path.
    ///
    /// - Throws: `PostgresError` that the next file would meet too; ``IngestError`` when no process can be started.
    func ingest(_ path: String, _ descriptor: Descriptor, rows: (Int) -> Void) throws -> Ingestion.Outcome {
        // A worker that did something before may die of that: only a file that ends a fresh one too is at fault.
        for isLast in [false, true] {
            let worker = try worker(descriptor)
            do {
                let outcome = try Self.ingest(path, by: worker, within: settings.timeLimit, rows: rows)
                idle.withLock { $0 = worker }
                return outcome
            } catch let failure as MessageChannel.Failure {
                worker.end()
                let name = SourceFile.name(of: path)
                let error = failure == .late ? IngestError.tookTooLong(name, limit: settings.timeLimit) : IngestError.crashing(name)
                guard isLast || failure == .late else { continue }
                return Ingestion.Outcome(file: IngestSummary.File(path: path, name: name, table: nil, fate: .failed(error)))
            }
        }
        throw IngestError.noWorker("none lives")
    }

    private static func ingest(
        _ path: String, by worker: ChildProcess, within limit: Duration, rows: (Int) -> Void
    ) throws -> Ingestion.Outcome {
        try worker.channel.send(.init(kind: IngestWorker.file, body: Array(path.utf8)))
        while true {
            switch IngestWorker.Answer(try worker.channel.receive(until: .now + limit)) {
            case .rows(let count): rows(count)
            case .outcome(let outcome): return outcome
            case .ends(let error): throw error
            case .ready, nil: throw MessageChannel.Failure.closed
            }
        }
    }

    private func worker(_ descriptor: Descriptor) throws -> ChildProcess {
        if let worker = idle.withLock({ $0.take() }), worker.isReady { return worker }
        do {
            let worker = try ChildProcess(executable: settings.executable, arguments: settings.arguments)
            let order = IngestWorker.Order(databaseURI: settings.databaseURI, descriptor: descriptor.text)
            try worker.channel.send(.init(kind: IngestWorker.order, body: Array(JSONEncoder().encode(order))))
            switch IngestWorker.Answer(try worker.channel.receive(until: .now + settings.timeLimit)) {
            case .ready: return worker
            case .ends(let error): throw error
            default: throw IngestError.noWorker("it does not say that it is ready")
            }
        } catch let failure as ChildProcess.StartFailure {
            throw IngestError.noWorker(failure.reason)
        } catch is MessageChannel.Failure {
            throw IngestError.noWorker("it ended at once")
        }
    }
}

/// The work of a process that reads data files for an ingest.
package enum IngestWorker {
    /// What the process is told first.
    struct Order: Codable {
        var databaseURI: String
        var descriptor: String
    }

    /// What the process says.
    enum Answer {
        case ready
        case rows(Int)
        case outcome(Ingestion.Outcome)
        /// The run is at its end.
        case ends(PostgresError)
    }

    /// Kinds of messages to the process.
    static let order: UInt8 = 1
    static let file: UInt8 = 2

    /// Takes an order and then files, until the input ends. Call it in a process of its own, and nothing after it.
    ///
    /// - Parameter memory: bytes that the process may have of its own; nil for no limit.
    package static func run(memory: Int? = nil) {
        ChildSide.prepare(name: "almagest-ingest", memory: memory)
        let channel = MessageChannel(input: STDIN_FILENO, output: STDOUT_FILENO)
        ChildSide.watch(channel, grace: 0) {}
        do {
            let order = try JSONDecoder().decode(Order.self, from: Data(try channel.receive().body))
            let session = try PostgresSession(uri: order.databaseURI, applicationName: "almagest-ingest")
            let ingestion = Ingestion(try Descriptor(yaml: order.descriptor, source: "the descriptor"), into: session)
            try channel.send(Answer.ready.message)
            while let path = try? channel.receive() {
                let outcome = try ingestion.ingest(String(decoding: path.body, as: UTF8.self)) { rows in
                    try? channel.send(Answer.rows(rows).message)
                }
                try channel.send(Answer.outcome(outcome).message)
            }
        } catch let error as PostgresError {
            try? channel.send(Answer.ends(error).message)
        } catch {}
    }
}

extension IngestWorker.Answer {
    /// Nil when the message is none of a worker.
    init?(_ message: MessageChannel.Message) {
        let data = Data(message.body)
        let answer: Self? =
            switch message.kind {
            case 0: .ready
            case 1: (try? JSONDecoder().decode(Int.self, from: data)).map { .rows($0) }
            case 2: (try? JSONDecoder().decode(Ingestion.Outcome.self, from: data)).map { .outcome($0) }
            case 3: (try? JSONDecoder().decode(PostgresError.self, from: data)).map { .ends($0) }
            default: nil
            }
        guard let answer else { return nil }
        self = answer
    }

    var message: MessageChannel.Message {
        func message(_ kind: UInt8, _ content: some Encodable) -> MessageChannel.Message {
            MessageChannel.Message(kind: kind, body: (try? JSONEncoder().encode(content)).map { Array($0) } ?? [])
        }
        return switch self {
        case .ready: MessageChannel.Message(kind: 0)
        case .rows(let count): message(1, count)
        case .outcome(let outcome): message(2, outcome)
        case .ends(let error): message(3, error)
        }
    }
}

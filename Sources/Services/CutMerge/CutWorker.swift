import Executors
import Foundation
import Glibc
import Synchronization

/// The work of a process that cuts for the server, so that a data file which crashes libhdf5 crashes no server.
package enum CutWorker {
    /// What a worker says.
    enum Answer: Sendable {
        /// The first that it says, before any request.
        case ready
        case progress(CutProgress)
        case made(CutSummary)
        case failed(CutMergeError)
    }

    /// The kind of message that brings a request.
    static let request: UInt8 = 1

    /// Time between two reports.
    private static let interval = Duration.milliseconds(100)
    /// Seconds that a cut which can't be interrupted may go on after the server is gone.
    private static let grace: UInt32 = 5

    /// Says that it is ready, then takes requests, cuts, and answers each, until the input ends.
    ///
    /// When the other side goes away the cut at hand is cancelled, and the process ends in any case: no worker outlives its server,
    /// however that died. Call it in a process of its own, and nothing after it.
    ///
    /// - Parameters:
    ///   - input: where ``CutRequest`` after ``CutRequest`` comes in.
    ///   - output: where the answers go.
    ///   - memory: bytes that the process may have of its own; nil for no limit.
    package static func run(input: Int32 = STDIN_FILENO, output: Int32 = STDOUT_FILENO, memory: Int? = nil) {
        ChildSide.prepare(name: "almagest-cut", memory: memory)
        let channel = MessageChannel(input: input, output: output)
        let isAlone = Flag()
        ChildSide.watch(channel, grace: grace) { isAlone.value.store(true, ordering: .relaxed) }
        guard (try? channel.send(Answer.ready.message)) != nil else { return }
        while let message = try? channel.receive(), message.kind == request, let request = CutRequest(bytes: message.body) {
            guard (try? channel.send(cut(request, channel, isAlone).message)) != nil else { return }
        }
    }

    private static func cut(_ request: CutRequest, _ channel: MessageChannel, _ isAlone: Flag) -> Answer {
        var next = ContinuousClock.now + interval
        do {
            let summary = try Cutter.cut(request) { progress in
                guard ContinuousClock.now >= next else { return }
                next = .now + interval
                try? channel.send(Answer.progress(progress).message)
            } isCancelled: {
                isAlone.value.load(ordering: .relaxed)
            }
            return .made(summary.withoutRows)
        } catch {
            return .failed(error)
        }
    }

    private final class Flag: Sendable {
        let value = Atomic(false)
    }
}

extension CutWorker.Answer {
    /// Nil when the message is none of a worker.
    init?(_ message: MessageChannel.Message) {
        let data = Data(message.body)
        let answer: Self? =
            switch message.kind {
            case 0: .ready
            case 1: (try? JSONDecoder().decode(CutProgress.self, from: data)).map { .progress($0) }
            case 2: (try? JSONDecoder().decode(CutSummary.self, from: data)).map { .made($0) }
            case 3: (try? JSONDecoder().decode(CutMergeError.self, from: data)).map { .failed($0) }
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
        case .progress(let progress): message(1, progress)
        case .made(let summary): message(2, summary)
        case .failed(let error): message(3, error)
        }
    }
}

import Foundation

/// One line of the terminal that is written over while work goes on; a line every few seconds where there is no terminal.
struct ProgressLine {
    private let isTerminal = isatty(STDERR_FILENO) == 1
    private var last = ContinuousClock.Instant.now - .seconds(60)
    private var isOpen = false

    mutating func show(_ text: String, final: Bool = false) {
        let interval: Duration = isTerminal ? .milliseconds(100) : .seconds(5)
        guard final || ContinuousClock.now - last >= interval else { return }
        last = .now
        let line = isTerminal ? "\r\u{1B}[K\(text)" : "\(text)\n"
        FileHandle.standardError.write(Data(line.utf8))
        isOpen = isTerminal
    }

    mutating func end() {
        if isOpen { FileHandle.standardError.write(Data("\n".utf8)) }
        isOpen = false
    }
}

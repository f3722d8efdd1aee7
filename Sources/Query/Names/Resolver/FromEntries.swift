import ADQL

/// The tables of a FROM clause, or of a part of one, and the columns that can be named without a qualifier.
///
/// Finding a column or a table takes the same time however many there are of a table's columns, and of tables.
struct FromEntries {
    private(set) var sources: [Source] = []
    /// A table is unknown, so that nothing can be said of names that are not found.
    private(set) var isIncomplete = false
    /// In the order of `*`.
    private var segments: [Segment] = []
    private var byKey: [String: [Int]] = [:]

    private enum Segment {
        /// The columns of a source but for those, in lower case, that it shares with another.
        case source(Int, hidden: Set<String>)
        /// Columns common to both sides of a join, which stand once.
        case merged([VisibleColumn])
    }

    init() {}

    init(_ source: Source) {
        append(source)
        segments = [.source(0, hidden: [])]
    }

    private mutating func append(_ source: Source) {
        byKey[source.key, default: []].append(sources.count)
        isIncomplete = isIncomplete || source.isUnknown
        sources.append(source)
    }

    /// Puts the others on the right of these.
    mutating func append(_ other: FromEntries) {
        let offset = sources.count
        for source in other.sources { append(source) }
        for segment in other.segments {
            if case .source(let index, let hidden) = segment {
                segments.append(.source(index + offset, hidden: hidden))
            } else {
                segments.append(segment)
            }
        }
    }

    /// Puts columns before all others, and hides what they have been made of.
    mutating func merge(_ columns: [VisibleColumn]) {
        let taken = Set(columns.map { $0.name.lowercased() })
        for index in segments.indices {
            switch segments[index] {
            case .source(let source, let hidden):
                let shared = taken.filter(sources[source].hasColumn)
                if !shared.isEmpty { segments[index] = .source(source, hidden: hidden.union(shared)) }
            case .merged(let others): segments[index] = .merged(others.filter { !taken.contains($0.name.lowercased()) })
            }
        }
        segments.insert(.merged(columns), at: 0)
    }

    /// Makes a place holder of a source whose name another one has.
    mutating func giveUp(_ index: Int) {
        sources[index] = Source(unknown: sources[index].id, alias: nil, span: sources[index].span)
        isIncomplete = true
    }

    // MARK: Looking up

    /// All that `*` stands for.
    var visible: [VisibleColumn] {
        segments.flatMap { segment in
            switch segment {
            case .source(let index, let hidden):
                hidden.isEmpty ? sources[index].columns : sources[index].columns.filter { !hidden.contains($0.name.lowercased()) }
            case .merged(let columns): columns
            }
        }
    }

    /// What a name without a qualifier may mean.
    func columns(named name: Name) -> [VisibleColumn] {
        let lowercased = name.text.lowercased()
        var found: [VisibleColumn] = []
        for segment in segments {
            switch segment {
            case .source(let index, let hidden):
                if hidden.isEmpty || !hidden.contains(lowercased) { sources[index].collect(name, lowercased: lowercased, into: &found) }
            case .merged(let columns): found += columns.filter { name.matches($0.name) }
            }
        }
        return found
    }

    /// The sources that a qualifier means.
    func sources(answering qualifier: ArraySlice<Name>) -> [Source] {
        guard let last = qualifier.last else { return [] }
        return (byKey[last.text.lowercased()] ?? []).map { sources[$0] }.filter { $0.answers(to: qualifier) }
    }

    func hasClash(with source: Source) -> Bool {
        (byKey[source.key] ?? []).contains { sources[$0].clashes(with: source) }
    }
}

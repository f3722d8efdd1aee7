import Yams

/// The way from a descriptor's root to one of its parts, and from there to a line of the file.
struct DescriptorPath: Hashable {
    enum Step: Hashable {
        case key(String)
        case index(Int)
    }

    var steps: [Step] = []

    static func / (path: Self, key: String) -> Self {
        Self(steps: path.steps + [.key(key)])
    }

    static func / (path: Self, index: Int) -> Self {
        Self(steps: path.steps + [.index(index)])
    }

    init(steps: [Step] = []) {
        self.steps = steps
    }

    init(_ codingPath: [any CodingKey]) {
        steps = codingPath.map { key in key.intValue.map { .index($0) } ?? .key(key.stringValue) }
    }

    /// As in `tables[2].columns[4].unit`.
    var text: String {
        steps.reduce(into: "") { text, step in
            switch step {
            case .key(let key): text += text.isEmpty ? key : ".\(key)"
            case .index(let index): text += "[\(index)]"
            }
        }
    }

    /// The line of the part, or of the last part on the way to it that the file has.
    func line(in root: Node) -> Int? {
        var node = root
        var line = root.mark?.line
        for step in steps {
            switch step {
            case .key(let key):
                guard let (found, value) = node.mapping?.first(where: { $0.key.string == key }) else { return line }
                line = found.mark?.line ?? line
                node = value
            case .index(let index):
                guard let sequence = node.sequence, sequence.indices.contains(index) else { return line }
                node = sequence[index]
                line = node.mark?.line ?? line
            }
        }
        return line
    }
}

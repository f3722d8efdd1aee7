/// A tree as indented lines, each with its place in the text: for looking inside.
///
/// It reads the tree by reflection, so that a node that the grammar gets tomorrow shows without a word here.
struct Outline {
    private let text: String
    private(set) var lines: [String] = []

    init(of query: Query, in text: String) {
        self.text = text
        write(query, label: nil, depth: 0)
    }

    private mutating func write(_ node: Any, label: String?, depth: Int) {
        let mirror = Mirror(reflecting: node)
        switch mirror.displayStyle {
        case .optional:
            if let value = mirror.children.first?.value { write(value, label: label, depth: depth) }
        case .collection:
            for element in mirror.children { write(element.value, label: label, depth: depth) }
        case .enum: writeCase(mirror, node, label: label, depth: depth)
        case .struct where node is QualifiedName || node is Name: line(label, leaf(node), span(of: node), depth)
        case .struct:
            line(label, "\(mirror.subjectType)\(facts(mirror))", span(of: node), depth)
            for child in mirror.children where child.label != "span" && fact(child) == nil {
                write(child.value, label: child.label, depth: depth + 1)
            }
        default: line(label, "\(node)", nil, depth)
        }
    }

    /// A case is one line with its payload below; one that only wraps a struct is the struct.
    private mutating func writeCase(_ mirror: Mirror, _ node: Any, label: String?, depth: Int) {
        guard let payload = mirror.children.first else { return line(label, "\(node)", nil, depth) }
        let name = payload.label ?? ""
        let inner = Mirror(reflecting: payload.value)
        guard inner.displayStyle == .tuple else {
            if payload.value is TextSpan { return line(label, name, payload.value as? TextSpan, depth) }
            if inner.displayStyle == .struct || inner.displayStyle == .enum {
                return write(payload.value, label: label ?? name, depth: depth)
            }
            line(label, name, nil, depth)
            return write(payload.value, label: nil, depth: depth + 1)
        }
        let place = inner.children.lazy.compactMap { $0.value as? TextSpan }.first
        let parts = inner.children.filter { !($0.value is TextSpan) }
        let words = parts.compactMap { Self.word($0.value) }
        line(label, ([name] + words).joined(separator: " "), place, depth)
        for part in parts where Self.word(part.value) == nil {
            write(part.value, label: part.label.flatMap { $0.utf8.first == UInt8(ascii: ".") ? nil : $0 }, depth: depth + 1)
        }
    }

    // MARK: - Lines

    private mutating func line(_ label: String?, _ words: String, _ span: TextSpan?, _ depth: Int) {
        let place = span.map { span in
            let end = TextPosition(offset: span.end, in: text)
            let start = span.position(in: text)
            return "  [\(start.line):\(start.column)–\(end.line):\(end.column)]"
        }
        lines.append(String(repeating: "  ", count: depth) + (label.map { "\($0): " } ?? "") + words + (place ?? ""))
    }

    private func leaf(_ node: Any) -> String {
        if let name = node as? QualifiedName { return name.adql }
        return (node as? Name).map { QualifiedName([$0]).adql } ?? "\(node)"
    }

    private func span(of node: Any) -> TextSpan? {
        if let name = node as? QualifiedName { return name.span }
        return Mirror(reflecting: node).children.first { $0.label == "span" }?.value as? TextSpan
    }

    // MARK: - Facts: what stands in the line of its node

    private func facts(_ mirror: Mirror) -> String {
        mirror.children.compactMap(fact).filter { !$0.isEmpty }.map { " \($0)" }.joined()
    }

    private func fact(_ child: Mirror.Child) -> String? {
        guard let label = child.label, let word = Self.word(child.value) else { return nil }
        if let flag = child.value as? Bool { return flag ? label : "" }
        return "\(label)=\(word)"
    }

    /// Numbers, texts and plain words; an absent value has the empty word.
    private static func word(_ value: Any) -> String? {
        switch value {
        case let text as String: return "'\(text)'"
        case is Bool, is Int: return "\(value)"
        default: break
        }
        let mirror = Mirror(reflecting: value)
        switch mirror.displayStyle {
        case .enum where mirror.children.isEmpty: return "\(value)"
        case .optional:
            guard let inner = mirror.children.first?.value else { return nil }
            return word(inner)
        default: return nil
        }
    }
}

extension Query {
    /// The tree as indented lines with places (`[line:column–line:column]`), for people who look inside.
    ///
    /// - Parameter text: what the query was parsed from.
    package func outline(in text: String) -> String {
        Outline(of: self, in: text).lines.joined(separator: "\n")
    }
}

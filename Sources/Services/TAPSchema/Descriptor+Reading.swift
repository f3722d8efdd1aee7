import Glibc
import SchemaFiles
import Yams

extension Descriptor {
    /// Finds a descriptor that ships with the archive by its collection's name, or reads the file of that path.
    package static func find(_ nameOrPath: String) throws(TAPSchemaError) -> Descriptor {
        if let file = SchemaFiles.descriptors[nameOrPath] {
            return try Descriptor(yaml: file.text, source: file.name)
        }
        guard nameOrPath.contains("/") || nameOrPath.hasSuffix(".yaml") || nameOrPath.hasSuffix(".yml") || access(nameOrPath, F_OK) == 0
        else {
            throw .unknownCollection(nameOrPath, known: Array(SchemaFiles.descriptors.keys))
        }
        return try Descriptor(yaml: text(ofFile: nameOrPath), source: nameOrPath)
    }

    /// The descriptor of TAP_SCHEMA itself.
    static func tapSchema() throws(TAPSchemaError) -> Descriptor {
        let file = SchemaFiles.tapSchemaDescriptor
        return try Descriptor(yaml: file.text, source: file.name)
    }

    /// Reads and checks a descriptor.
    ///
    /// - Parameter source: what messages call it, such as the file's name.
    /// - Throws: an error that lists every fault with its line and path.
    package init(yaml: String, source: String) throws(TAPSchemaError) {
        let root: Node
        do {
            guard let composed = try compose(yaml: yaml) else { throw TAPSchemaError.brokenYAML(source, line: nil, problem: "it is empty") }
            root = composed
        } catch {
            throw TAPSchemaError(yaml: error, source: source)
        }
        var faults = Self.unknownKeys(in: root)
        guard faults.isEmpty else { throw .badDescriptor(source, faults: faults) }
        let document: DescriptorDocument
        do {
            document = try YAMLDecoder().decode(DescriptorDocument.self, from: root)
        } catch {
            throw .badDescriptor(source, faults: [DescriptorFault(decoding: error, root: root)])
        }
        var check = DescriptorCheck(document: document, text: yaml)
        let descriptor = check.descriptor()
        faults = check.faults.map { DescriptorFault(path: $0.path.text, line: $0.path.line(in: root), message: $0.message) }
        guard faults.isEmpty, let descriptor else { throw .badDescriptor(source, faults: faults) }
        self = descriptor
    }

    /// Keys that mean nothing, anywhere in the document.
    private static func unknownKeys(in root: Node) -> [DescriptorFault] {
        var faults: [DescriptorFault] = []
        func check(_ node: Node?, _ known: Set<String>, _ path: DescriptorPath) {
            for (key, _) in node?.mapping ?? [:] {
                guard let name = key.string, !known.contains(name) else { continue }
                faults.append(
                    DescriptorFault(
                        path: (path / name).text, line: key.mark?.line,
                        message: "unknown key \"\(name)\"; known here are \(known.sorted().joined(separator: ", "))"))
            }
        }
        func each(_ node: Node?, _ path: DescriptorPath, _ body: (Node, DescriptorPath) -> Void) {
            for (index, element) in (node?.sequence ?? []).enumerated() { body(element, path / index) }
        }
        let top = DescriptorPath()
        check(root, DescriptorKeys.root, top)
        check(root["schema"], DescriptorKeys.schema, top / "schema")
        check(root["files"], DescriptorKeys.files, top / "files")
        each(root["tables"], top / "tables") { table, path in
            check(table, DescriptorKeys.table, path)
            check(table["objects"], DescriptorKeys.objects, path / "objects")
            check(table["join"], DescriptorKeys.join, path / "join")
            each(table["columns"], path / "columns") { check($0, DescriptorKeys.column, $1) }
            each(table["indexes"], path / "indexes") { check($0, DescriptorKeys.index, $1) }
            each(table["relations"], path / "relations") { check($0, DescriptorKeys.relation, $1) }
            each(table["foreign_keys"], path / "foreign_keys") { check($0, DescriptorKeys.foreignKey, $1) }
        }
        return faults
    }

    private static func text(ofFile path: String) throws(TAPSchemaError) -> String {
        guard let file = fopen(path, "rb") else {
            throw .unreadableDescriptor(path, reason: String(cString: strerror(errno)))
        }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = fread(&buffer, 1, buffer.count, file)
            guard count > 0 else { break }
            bytes += buffer[..<count]
            // A descriptor of this length is some other file.
            guard bytes.count < 16 << 20 else { throw .unreadableDescriptor(path, reason: "it is longer than 16 MB") }
        }
        guard ferror(file) == 0 else { throw .unreadableDescriptor(path, reason: "it can't be read to its end") }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw .unreadableDescriptor(path, reason: "it is not UTF-8 text") }
        return text
    }
}

extension TAPSchemaError {
    /// Words what the YAML parser found.
    fileprivate init(yaml error: any Error, source: String) {
        switch error {
        case let error as TAPSchemaError: self = error
        case YamlError.scanner(_, let problem, let mark, _), YamlError.parser(_, let problem, let mark, _),
            YamlError.composer(_, let problem, let mark, _):
            self = .brokenYAML(source, line: mark.line, problem: problem)
        case YamlError.duplicatedKeysInMapping(let duplicates, let context):
            let keys = duplicates.compactMap { "\($0)" }.joined(separator: ", ")
            self = .brokenYAML(source, line: context.mark.line, problem: "key \(keys) stands twice")
        default: self = .brokenYAML(source, line: nil, problem: "\(error)")
        }
    }
}

extension DescriptorFault {
    /// Words what decoding found.
    fileprivate init(decoding error: any Error, root: Node) {
        let path: [any CodingKey]
        let message: String
        switch error {
        case DecodingError.keyNotFound(let key, let context):
            path = context.codingPath
            message = "\"\(key.stringValue)\" is missing"
        case DecodingError.typeMismatch(let type, let context), DecodingError.valueNotFound(let type, let context):
            path = context.codingPath
            message = "expected \(Self.word(for: type))"
        case DecodingError.dataCorrupted(let context):
            path = context.codingPath
            message = context.debugDescription
        default:
            path = []
            message = "\(error)"
        }
        let place = DescriptorPath(path)
        self.init(path: place.text, line: place.line(in: root), message: message)
    }

    private static func word(for type: Any.Type) -> String {
        switch type {
        case is String.Type: "text"
        case is Bool.Type: "true or false"
        case is Int.Type: "a number"
        default: "\(type)".contains("Array") ? "a list" : "a mapping"
        }
    }
}

/// A request as bytes: how it goes to a worker, and what its product's name is computed from.
///
/// Texts stand after their length in UTF-8 bytes, lists after their count, numbers in 8 bytes, least significant first.
extension CutRequest {
    package var bytes: [UInt8] {
        var writer = RequestWriter()
        writer.write(product)
        writer.write(collection)
        writer.write(query)
        writer.write(software)
        writer.write(softwareVersion)
        writer.write(credits) {
            $0.write($1.name)
            $0.write($1.text)
        }
        writer.write(byteLimit ?? -1)
        writer.write(files) { writer, file in
            writer.write(file.path)
            writer.write(file.name)
            writer.write(file.checksum)
            writer.write(file.bytes ?? -1)
            writer.write(file.recorded ?? -1)
            writer.write(file.layout)
            writer.write(file.cuts) {
                $0.write($1.id)
                $0.write($1.table)
                $0.write($1.key)
            }
        }
        writer.write(refused) { writer, row in
            for text in [row.id, row.table, row.sourceFile, row.key, row.path, row.checksum, row.status.rawValue, row.reason] {
                writer.write(text)
            }
        }
        return writer.bytes
    }

    /// Reads what ``bytes`` wrote; nil for anything else.
    package init?(bytes: [UInt8]) {
        let read = bytes.withUnsafeBytes { buffer -> CutRequest? in
            var reader = RequestReader(buffer)
            let request = CutRequest(reading: &reader)
            return reader.isGood && reader.isAtEnd ? request : nil
        }
        guard let read else { return nil }
        self = read
    }

    private init(reading reader: inout RequestReader) {
        self.init(
            product: reader.text(), collection: reader.text(), query: reader.optionalText(), software: reader.text(),
            softwareVersion: reader.text(), credits: reader.list { Credit(name: $0.text(), text: $0.text()) }, files: [])
        byteLimit = reader.size()
        files = reader.list { reader in
            let (path, name, checksum, bytes, recorded) = (reader.text(), reader.text(), reader.text(), reader.size(), reader.size())
            var file = SourceFile(path: path, name: name, checksum: checksum, bytes: bytes, layout: reader.layout(), cuts: [])
            file.recorded = recorded
            file.cuts = reader.list { Cut(id: $0.text(), table: $0.text(), key: $0.text()) }
            return file
        }
        refused = reader.list { reader in
            ManifestRow(
                id: reader.text(), table: reader.text(), sourceFile: reader.text(), key: reader.text(), path: reader.text(),
                checksum: reader.text(), status: ManifestRow.Status(rawValue: reader.text()) ?? .unreadable, reason: reader.text())
        }
    }
}

private struct RequestWriter {
    var bytes: [UInt8] = []

    mutating func write(_ number: Int) {
        withUnsafeBytes(of: Int64(number).littleEndian) { bytes.append(contentsOf: $0) }
    }

    mutating func write(_ text: String) {
        write(text.utf8.count)
        bytes.append(contentsOf: text.utf8)
    }

    mutating func write(_ text: String?) {
        write(text == nil ? 0 : 1)
        if let text { write(text) }
    }

    mutating func write<Element>(_ list: [Element], _ each: (inout RequestWriter, Element) -> Void) {
        write(list.count)
        for element in list { each(&self, element) }
    }

    mutating func write(_ layout: CutRequest.Layout) {
        switch layout {
        case .keyed: write(0)
        case .columns(let group, let key, let isByKey):
            write(isByKey ? 2 : 1)
            write(group)
            write(key)
        case .table(let dataset, let key):
            write(key == nil ? 3 : 4)
            write(dataset)
            write(key ?? "")
        }
    }
}

private struct RequestReader {
    private let bytes: UnsafeRawBufferPointer
    private var position = 0
    /// False once something was not as it must be.
    private(set) var isGood = true

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    var isAtEnd: Bool { position == bytes.count }

    mutating func number() -> Int {
        guard isGood, position + 8 <= bytes.count else {
            isGood = false
            return 0
        }
        defer { position += 8 }
        return Int(Int64(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: Int64.self)))
    }

    mutating func size() -> Int? {
        let number = number()
        return number < 0 ? nil : number
    }

    mutating func text() -> String {
        let count = number()
        guard isGood, count >= 0, count <= bytes.count - position else {
            isGood = false
            return ""
        }
        defer { position += count }
        return String(decoding: UnsafeRawBufferPointer(rebasing: bytes[position..<position + count]), as: UTF8.self)
    }

    mutating func optionalText() -> String? {
        number() == 0 ? nil : text()
    }

    mutating func list<Element>(_ each: (inout RequestReader) -> Element) -> [Element] {
        let count = number()
        // An element has 8 bytes at least.
        guard isGood, count >= 0, count <= (bytes.count - position) / 8 else {
            isGood = false
            return []
        }
        var list: [Element] = []
        list.reserveCapacity(count)
        for _ in 0..<count where isGood { list.append(each(&self)) }
        return list
    }

    mutating func layout() -> CutRequest.Layout {
        let kind = number()
        switch kind {
        case 0: return .keyed
        case 1, 2: return .columns(group: text(), key: text(), isByKey: kind == 2)
        case 3, 4:
            let (dataset, key) = (text(), text())
            return .table(dataset: dataset, key: kind == 4 ? key : nil)
        default:
            isGood = false
            return .keyed
        }
    }
}

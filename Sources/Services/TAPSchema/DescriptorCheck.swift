import TableModel

/// Turns a document into a descriptor, and notes everything that stands in the way.
struct DescriptorCheck {
    struct Fault {
        var path: DescriptorPath
        var message: String
    }

    let document: DescriptorDocument
    let text: String
    var faults: [Fault] = []
    /// The tables that have passed so far; later ones may refer to them and earlier ones are referred to at the end.
    var tables: [Descriptor.Table] = []

    init(document: DescriptorDocument, text: String) {
        self.document = document
        self.text = text
    }

    var isStandard: Bool { document.standard ?? false }

    mutating func fault(_ path: DescriptorPath, _ message: String) {
        faults.append(Fault(path: path, message: message))
    }

    /// The descriptor; what ``faults`` lists makes it worthless.
    mutating func descriptor() -> Descriptor? {
        let top = DescriptorPath()
        checkName(document.collection, top / "collection")
        checkName(document.schema.name, top / "schema" / "name")
        let inUse = ["tap_upload", "almagest", "public", "information_schema"] + (isStandard ? [] : ["tap_schema"])
        if inUse.contains(document.schema.name) || document.schema.name.hasPrefix("pg_") {
            fault(top / "schema" / "name", "schema name \"\(document.schema.name)\" is taken by the system")
        }
        if document.tables.isEmpty { fault(top / "tables", "a collection needs a table") }
        let files = files(top / "files")
        // Joined tables take their columns from the others, wherever they stand.
        let order =
            document.tables.indices.filter { document.tables[$0].join == nil }
            + document.tables.indices.filter { document.tables[$0].join != nil }
        var checked: [Int: Descriptor.Table] = [:]
        for index in order {
            let path = top / "tables" / index
            if tables.contains(where: { $0.name == document.tables[index].name }) {
                fault(path / "name", "table \"\(document.tables[index].name)\" stands twice")
            }
            guard let table = table(document.tables[index], path) else { continue }
            tables.append(table)
            checked[index] = table
        }
        tables = document.tables.indices.compactMap { checked[$0] }
        checkReferences(top / "tables")
        checkFiles(files, top)
        return Descriptor(
            collection: document.collection, description: document.description, credit: document.credit,
            schema: Catalogue.Schema(name: document.schema.name, description: document.schema.description, utype: document.schema.utype),
            standard: isStandard, files: files, tables: tables, text: text)
    }

    // MARK: - Names

    /// Names are those that a query may write without quotes; only a standard may choose others.
    mutating func checkName(_ name: String, _ path: DescriptorPath) {
        if !Identifier.isRegular(name) || name != name.lowercased() {
            fault(path, "name \"\(name)\" must be lower-case letters, digits and underscores, with a letter first")
        } else if name.utf8.count > 63 {
            fault(path, "name \"\(name)\" is longer than 63 characters")
        } else if ReservedWords.contains(name) && !isStandard {
            fault(path, "name \"\(name)\" is a reserved word of ADQL and every query would have to quote it")
        }
    }

    // MARK: - Files

    private mutating func files(_ path: DescriptorPath) -> Descriptor.Files? {
        guard let files = document.files else { return nil }
        guard let didRSE = pattern(files.did_rse, path / "did_rse"), let didScope = pattern(files.did_scope, path / "did_scope"),
            let didName = pattern(files.did_name ?? "{file_name}", path / "did_name")
        else { return nil }
        let parts = files.format.split(separator: "/", omittingEmptySubsequences: false)
        if parts.count != 2 || parts.contains(where: \.isEmpty) {
            fault(path / "format", "format \"\(files.format)\" is not a media type such as application/x-hdf5")
        }
        return Descriptor.Files(didRSE: didRSE, didScope: didScope, didName: didName, format: files.format)
    }

    mutating func pattern(_ text: String, _ path: DescriptorPath) -> NamePattern? {
        guard let pattern = NamePattern(text) else {
            fault(path, "pattern \"\(text)\" must have text and parts in braces, with text between two parts")
            return nil
        }
        return pattern
    }

    /// Each part that a fact is made of must be known for every table's files.
    private mutating func checkFiles(_ files: Descriptor.Files?, _ top: DescriptorPath) {
        for (index, table) in document.tables.enumerated() where table.objects != nil {
            guard let files else {
                fault(top / "tables" / index / "objects", "\"files\" is missing at the top of the descriptor")
                continue
            }
            guard let declared = tables.first(where: { $0.name == table.name }), case .objects(let objects) = declared.source else {
                continue
            }
            let known = Set(objects.fileName.parts + ["file_name", "file_stem", "file_extension"])
            for (key, pattern) in [("did_rse", files.didRSE), ("did_scope", files.didScope), ("did_name", files.didName)] {
                for part in pattern.parts where !known.contains(part) && !part.hasPrefix("attribute.") {
                    fault(
                        top / "files" / key,
                        "part {\(part)} is unknown for table \(table.name); known are \(known.sorted().joined(separator: ", ")) "
                            + "and attribute.NAME for a root attribute")
                }
            }
        }
    }
}

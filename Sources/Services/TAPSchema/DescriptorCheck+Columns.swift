import TableModel

extension DescriptorCheck {
    mutating func column(
        _ column: DescriptorDocument.Column, of table: DescriptorDocument.Table, _ source: Descriptor.Source, _ path: DescriptorPath
    ) -> Descriptor.Column? {
        checkName(column.name, path / "name")
        checkUnit(column.unit, path / "unit")
        checkUCD(column.ucd, path / "ucd")
        guard let value = value(column, source, path) else { return nil }
        let original: Descriptor.Column? =
            if case .other(let table, let name) = value {
                tables.first { $0.name == table }?.column(named: name)
            } else {
                nil
            }
        guard let type = type(column, TableTag(schema: document.schema.name, table: table.name), value, original, path) else { return nil }
        // Reached through the key's index, or through the file table's and then the rows'.
        let isServed = table.key == column.name || value == .identifier || value == .file(.did_name) || original?.indexed ?? false
        return Descriptor.Column(
            name: column.name, type: type, isUnicode: column.type?.lowercased() == "unicodechar" || original?.isUnicode ?? false,
            unit: column.unit ?? original?.unit, ucd: column.ucd ?? original?.ucd,
            utype: column.utype ?? original?.utype, description: column.description ?? original?.description,
            principal: column.principal ?? false, indexed: column.indexed ?? isServed, published: column.published ?? true, value: value)
    }

    private mutating func value(
        _ column: DescriptorDocument.Column, _ source: Descriptor.Source, _ path: DescriptorPath
    ) -> Descriptor.Value? {
        let given: [(key: String, text: String)] = [
            ("field", column.field), ("file", column.file), ("object", column.object), ("derived", column.derived), ("made", column.made),
            ("of", column.of),
        ].compactMap { key, text in text.map { (key, $0) } }
        guard given.count <= 1 else {
            fault(path, "column \"\(column.name)\" has \(given.map(\.key).joined(separator: " and ")); only one can be")
            return nil
        }
        let (key, text) = given.first ?? ("", "")
        switch (source, key) {
        case (.objects, ""): return .field(column.name)
        case (.objects, "field"): return .field(text)
        case (.objects, "file"):
            if let fact = Descriptor.FileFact(rawValue: text) { return .file(fact) }
            let known = Descriptor.FileFact.allCases.map(\.rawValue).joined(separator: ", ")
            fault(path / "file", "unknown fact \"\(text)\" of a file; known are \(known)")
        case (.objects, "object"):
            switch text {
            case "name": return .objectName
            case "row": return .objectRow
            default: fault(path / "object", "unknown fact \"\(text)\" of an object; known are name, row")
            }
        case (.objects, "derived"):
            if !text.isEmpty { return .derived(text) }
            fault(path / "derived", "the expression is empty")
        case (.objects, "made"), (.relation, "made"):
            switch text {
            case "identifier": return .identifier
            case "access_url": return .accessURL
            default: fault(path / "made", "\"\(text)\" can't be made; known are identifier, access_url")
            }
        case (.relation, ""): return .existing
        case (.join(let from, let left, _), "of"):
            let parts = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 2, parts[0] == from || parts[0] == left else {
                fault(path / "of", "\"\(text)\" must be a column of \(from) or \(left), as in \(from).name")
                return nil
            }
            let before = faults.count
            checkColumn(parts[1], in: parts[0], path / "of")
            return faults.count == before ? .other(table: parts[0], column: parts[1]) : nil
        case (.join, ""): fault(path, "column \"\(column.name)\" of a joined table needs \"of\"")
        default: fault(path / key, "\"\(key)\" has no meaning in this kind of table")
        }
        return nil
    }

    private mutating func type(
        _ column: DescriptorDocument.Column, _ tag: TableTag, _ value: Descriptor.Value, _ original: Descriptor.Column?,
        _ path: DescriptorPath
    ) -> ValueType? {
        switch value {
        case .identifier, .accessURL:
            if column.type != nil { fault(path / "type", "the type of a made column is fixed") }
            return value == .identifier ? .rowIdentifier(tag) : .accessURL(tag)
        case .other:
            if column.type != nil { fault(path / "type", "the type is that of the column that it is taken from") }
            return original?.type
        default: break
        }
        guard let word = column.type else {
            fault(path, "column \"\(column.name)\" needs a type")
            return nil
        }
        guard let type = ColumnType.read(word, arraysize: column.arraysize) else {
            let size = column.arraysize.map { " with arraysize \($0)" } ?? ""
            fault(path / "type", "unknown type \"\(word)\"\(size); examples are long, double, char with arraysize *, timestamp")
            return nil
        }
        switch value {
        case .file(.size) where type != .bigint: fault(path / "type", "a file's size is of type long")
        case .file(let fact) where fact != .size && !type.isText: fault(path / "type", "a file's \(fact.rawValue) is text")
        case .objectName where !type.isText: fault(path / "type", "an object's name is text")
        case .objectRow where type != .bigint: fault(path / "type", "an object's row is of type long")
        case .field where type.isGeometry || type == .blob:
            fault(path / "type", "a field of an object can't be of type \(word); derive it from numbers")
        default: break
        }
        return type
    }

    /// VOUnits 1.1 §2: units have no blanks.
    private mutating func checkUnit(_ unit: String?, _ path: DescriptorPath) {
        if let unit, unit.isEmpty || unit.contains(where: \.isWhitespace) {
            fault(path, "unit \"\(unit)\" is not in the VOUnits syntax; leave it out where there is none")
        }
    }

    /// UCD 1.1: words of letters, digits, hyphens and dots between semicolons.
    private mutating func checkUCD(_ ucd: String?, _ path: DescriptorPath) {
        guard let ucd else { return }
        let words = ucd.split(separator: ";", omittingEmptySubsequences: false)
        let isGood = words.allSatisfy { word in
            word.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { atom in
                !atom.isEmpty
                    && atom.utf8.allSatisfy {
                        $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ":") || Identifier.isRegular("a\(UnicodeScalar($0))")
                    }
            }
        }
        if !isGood { fault(path, "ucd \"\(ucd)\" is not a UCD1+ such as pos.eq.ra;meta.main") }
    }
}

import CHDF5

extension HDF5File {
    /// An array longer than this is data, not a field of a record.
    private static let longestArray = 1024

    /// Reads an object as named values.
    ///
    /// A group gives its scalar datasets and its one-dimensional ones of up to 1,024 elements, a scalar compound dataset its members
    /// (those of an inner compound as `outer.inner`). What has no value (``HDF5Value``) is left out. Throws ``HDF5Error``:
    /// missingObject, damagedObject, or unsupportedType when the object is neither.
    package mutating func record(_ key: String) throws(HDF5Error) -> HDF5Record {
        try Library.enter()
        guard let path = ObjectName.absolute(key) else { throw .unfitName(key) }
        let object = try object(path)
        switch H5Iget_type(object.id) {
        case H5I_GROUP: return try groupRecord(object, at: path)
        case H5I_DATASET: return try compoundRecord(object, at: path)
        default: throw .unsupportedObject(path, in: name, found: "a named type")
        }
    }

    /// The unit attribute of each dataset of a group, by the dataset's name.
    package func units(_ key: String) throws(HDF5Error) -> [String: String] {
        try Library.enter()
        guard let path = ObjectName.absolute(key) else { throw .unfitName(key) }
        let object = try object(path)
        guard H5Iget_type(object.id) == H5I_GROUP else { return [:] }
        var units: [String: String] = [:]
        for link in try links(of: object.id, at: path, sorted: true) where link.isHard {
            let field = try Handle(H5Oopen(object.id, link.name, Library.standard)) {
                .damagedObject("\(path)/\(link.name)", in: name, detail: $0)
            }
            if H5Aexists(field.id, "unit") > 0, let unit = try attribute("unit", of: field.id, at: "\(path)/\(link.name)")?.text {
                units[link.name] = unit
            }
        }
        return units
    }

    // MARK: - Groups

    private mutating func groupRecord(_ group: borrowing Handle, at path: String) throws(HDF5Error) -> HDF5Record {
        var names: [String] = []
        var values: [HDF5Value] = []
        for link in try links(of: group.id, at: path, sorted: true) {
            let id = H5Oopen(group.id, link.name, Library.standard)
            if id < 0, !link.isHard {
                // A soft link that leads nowhere is not damage.
                H5Eclear2(Library.standard)
                continue
            }
            let field = try Handle(id) { .damagedObject("\(path)/\(link.name)", in: name, detail: $0) }
            guard H5Iget_type(field.id) == H5I_DATASET else { continue }
            if let value = try fieldValue(field, at: path, link.name) {
                names.append(link.name)
                values.append(value)
            }
        }
        if let lastLayout, lastLayout.names == names { return HDF5Record(layout: lastLayout, values: values) }
        let layout = RecordLayout(names: names)
        lastLayout = layout
        return HDF5Record(layout: layout, values: values)
    }

    private func fieldValue(_ dataset: borrowing Handle, at group: String, _ field: String) throws(HDF5Error) -> HDF5Value? {
        func failure(_ detail: String?) -> HDF5Error { .damagedObject("\(group)/\(field)", in: name, detail: detail) }
        let space = try Dataspace(H5Dget_space(dataset.id), orThrow: failure)
        guard let shape = space.shape, shape.isEmpty || shape.count == 1 && shape[0] <= Self.longestArray else { return nil }
        let type = try Handle(H5Dget_type(dataset.id), orThrow: failure)
        guard let stored = StoredType(type.id) else { throw failure(Library.explanation()) }
        return try contents(of: stored, type, space, at: "\(group)/\(field)") { buffer in
            H5Dread(dataset.id, type.id, Library.all, Library.all, Library.standard, buffer)
        } use: { bytes in
            stored.value(at: bytes, count: shape.first)
        }
    }

    // MARK: - Compounds

    private mutating func compoundRecord(_ dataset: borrowing Handle, at path: String) throws(HDF5Error) -> HDF5Record {
        let plan = try plan(for: dataset, at: path)
        let space = try Dataspace(H5Dget_space(dataset.id)) { .damagedObject(path, in: name, detail: $0) }
        guard space.shape == [] else { throw .unsupportedObject(path, in: name, found: "a dataset with more than one record") }
        return try contents(of: plan.plan.stored, plan.type, space, at: path) { buffer in
            H5Dread(dataset.id, plan.type.id, Library.all, Library.all, Library.standard, buffer)
        } use: { bytes in
            HDF5Record(layout: plan.plan.layout, values: plan.plan.values(in: bytes))
        }
    }

    /// Reads all records of a one-dimensional compound dataset.
    package mutating func table(_ key: String) throws(HDF5Error) -> [HDF5Record] {
        try Library.enter()
        guard let path = ObjectName.absolute(key) else { throw .unfitName(key) }
        let dataset = try object(path)
        guard H5Iget_type(dataset.id) == H5I_DATASET else { throw .unsupportedObject(path, in: name, found: "not a dataset") }
        let plan = try plan(for: dataset, at: path)
        let space = try Dataspace(H5Dget_space(dataset.id)) { .damagedObject(path, in: name, detail: $0) }
        guard space.shape?.count == 1 else { throw .unsupportedObject(path, in: name, found: "not a one-dimensional dataset") }
        return try contents(of: plan.plan.stored, plan.type, space, at: path) { buffer in
            H5Dread(dataset.id, plan.type.id, Library.all, Library.all, Library.standard, buffer)
        } use: { bytes in
            stride(from: 0, to: bytes.count, by: plan.plan.stored.bytes).map { start in
                HDF5Record(layout: plan.plan.layout, values: plan.plan.values(in: UnsafeRawBufferPointer(rebasing: bytes[start...])))
            }
        }
    }

    /// The last plan when the type is the same, else a new one.
    private mutating func plan(for dataset: borrowing Handle, at path: String) throws(HDF5Error) -> TypedPlan {
        func failure(_ detail: String?) -> HDF5Error { .damagedObject(path, in: name, detail: detail) }
        let type = try Handle(H5Dget_type(dataset.id), orThrow: failure)
        if let lastCompound, H5Tequal(lastCompound.type.id, type.id) > 0 { return lastCompound }
        guard let stored = StoredType(type.id) else { throw failure(Library.explanation()) }
        guard case .compound = stored else { throw .unsupportedObject(path, in: name, found: "a dataset of \(stored)") }
        let plan = TypedPlan(type: type, plan: CompoundPlan(stored: stored))
        lastCompound = plan
        return plan
    }
}

/// A plan with the type of the datasets that it is for.
final class TypedPlan {
    let type: Handle
    let plan: CompoundPlan

    init(type: consuming Handle, plan: CompoundPlan) {
        self.type = type
        self.plan = plan
    }
}

/// How the members of a compound type become fields. Worked out once for all objects of the type.
final class CompoundPlan {
    let stored: StoredType
    let layout: RecordLayout
    private let fields: [StoredType.Member]

    init(stored: StoredType) {
        self.stored = stored
        fields = Self.fields(of: stored, prefix: "", base: 0)
        layout = RecordLayout(names: fields.map(\.name))
    }

    private static func fields(of type: StoredType, prefix: String, base: Int) -> [StoredType.Member] {
        guard case .compound(let members, _) = type else { return [] }
        return members.flatMap { member -> [StoredType.Member] in
            switch member.type {
            case .compound:
                return fields(of: member.type, prefix: "\(prefix)\(member.name).", base: base + member.offset)
            case let scalar where scalar.isScalar:
                return [StoredType.Member(prefix + member.name, at: base + member.offset, scalar)]
            case .array(let element, _) where element.isScalar:
                return [StoredType.Member(prefix + member.name, at: base + member.offset, member.type)]
            default:
                return []
            }
        }
    }

    func values(in bytes: UnsafeRawBufferPointer) -> [HDF5Value] {
        fields.compactMap { field in field.type.value(at: UnsafeRawBufferPointer(rebasing: bytes[field.offset...])) }
    }
}

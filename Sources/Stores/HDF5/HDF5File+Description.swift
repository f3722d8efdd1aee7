import CHDF5

extension HDF5File {
    /// Groups nested deeper are taken for a circle.
    private static let deepest = 32

    /// Reads everything below `path`: links, types, shapes, storage, attributes and every element.
    package func describe(_ path: String) throws(HDF5Error) -> ObjectDescription {
        try Library.enter()
        let path = ObjectName.absolute(path) ?? "/"
        return try describe(try object(path), at: path, depth: 0)
    }

    private func describe(_ object: borrowing Handle, at path: String, depth: Int) throws(HDF5Error) -> ObjectDescription {
        guard depth < Self.deepest else { throw .tooDeep(path, in: name) }
        func failure(_ detail: String?) -> HDF5Error { .damagedObject(path, in: name, detail: detail) }
        var attributes: [ObjectDescription.Attribute] = []
        for attribute in try attributeNames(of: object.id, at: path) {
            let content = try attributeContents(attribute, of: object.id, at: path) { type, shape, bytes in
                ObjectDescription.Content(type: type, shape: shape, limits: [], bytes: Self.flat(bytes, type))
            }
            attributes.append(ObjectDescription.Attribute(name: attribute, content: content))
        }
        let kind: ObjectDescription.Kind
        switch H5Iget_type(object.id) {
        case H5I_GROUP:
            var members: [ObjectDescription.Member] = []
            for link in try links(of: object.id, at: path, sorted: true) {
                members.append(ObjectDescription.Member(name: link.name, target: try target(link, of: object, at: path, depth: depth)))
            }
            kind = .group(members: members)
        case H5I_DATASET:
            kind = .dataset(try content(object, at: path), try storage(object, at: path))
        default:
            guard let stored = StoredType(object.id) else { throw failure(Library.explanation()) }
            kind = .namedType(stored)
        }
        return ObjectDescription(kind: kind, attributes: attributes)
    }

    private func target(
        _ link: Link, of group: borrowing Handle, at path: String, depth: Int
    ) throws(HDF5Error) -> ObjectDescription.Target {
        let place = path == "/" ? "/\(link.name)" : "\(path)/\(link.name)"
        func failure(_ detail: String?) -> HDF5Error { .damagedObject(place, in: name, detail: detail) }
        if link.isHard {
            return .object(
                try describe(try Handle(H5Oopen(group.id, link.name, Library.standard), orThrow: failure), at: place, depth: depth + 1))
        }
        var info = H5L_info_t()
        try Library.check(H5Lget_info(group.id, link.name, &info, Library.standard), orThrow: failure)
        var value = [UInt8](repeating: 0, count: max(1, info.u.val_size))
        try Library.check(H5Lget_val(group.id, link.name, &value, value.count, Library.standard), orThrow: failure)
        guard link.type == H5L_TYPE_SOFT.rawValue else { return .other(type: link.type, value: value) }
        return .soft(String(decoding: value.prefix { $0 != 0 }, as: UTF8.self))
    }

    private func content(_ dataset: borrowing Handle, at path: String) throws(HDF5Error) -> ObjectDescription.Content {
        func failure(_ detail: String?) -> HDF5Error { .damagedObject(path, in: name, detail: detail) }
        let type = try Handle(H5Dget_type(dataset.id), orThrow: failure)
        guard let stored = StoredType(type.id) else { throw failure(Library.explanation()) }
        let space = try Dataspace(H5Dget_space(dataset.id), orThrow: failure)
        return try contents(of: stored, type, space, at: path) { buffer in
            H5Dread(dataset.id, type.id, Library.all, Library.all, Library.standard, buffer)
        } use: { bytes in
            ObjectDescription.Content(type: stored, shape: space.shape, limits: space.limits, bytes: Self.flat(bytes, stored))
        }
    }

    private func storage(_ dataset: borrowing Handle, at path: String) throws(HDF5Error) -> ObjectDescription.Storage {
        func failure(_ detail: String?) -> HDF5Error { .damagedObject(path, in: name, detail: detail) }
        let properties = try Handle(H5Dget_create_plist(dataset.id), orThrow: failure)
        let layout: ObjectDescription.Storage.Layout
        switch H5Pget_layout(properties.id) {
        case H5D_COMPACT: layout = .compact
        case H5D_CONTIGUOUS: layout = .contiguous
        case H5D_CHUNKED:
            var sizes = [hsize_t](repeating: 0, count: 32)
            let rank = H5Pget_chunk(properties.id, 32, &sizes)
            try Library.check(rank, orThrow: failure)
            layout = .chunked(sizes.prefix(Int(rank)).map { Int(clamping: $0) })
        default: layout = .virtual
        }
        var filters: [ObjectDescription.Filter] = []
        for index in 0..<UInt32(max(0, H5Pget_nfilters(properties.id))) {
            var (flags, count) = (UInt32(0), 64)
            var parameters = [UInt32](repeating: 0, count: count)
            let id = H5Pget_filter2(properties.id, index, &flags, &count, &parameters, 0, nil, nil)
            try Library.check(id, orThrow: failure)
            filters.append(ObjectDescription.Filter(id: id, flags: flags, parameters: Array(parameters.prefix(count))))
        }
        return ObjectDescription.Storage(layout: layout, filters: filters, fill: try fill(dataset, properties, at: path))
    }

    private func fill(
        _ dataset: borrowing Handle, _ properties: borrowing Handle, at path: String
    ) throws(HDF5Error) -> [UInt8]? {
        func failure(_ detail: String?) -> HDF5Error { .damagedObject(path, in: name, detail: detail) }
        var status = H5D_FILL_VALUE_UNDEFINED
        try Library.check(H5Pfill_value_defined(properties.id, &status), orThrow: failure)
        guard status == H5D_FILL_VALUE_USER_DEFINED else { return nil }
        let type = try Handle(H5Dget_type(dataset.id), orThrow: failure)
        guard let stored = StoredType(type.id) else { throw failure(Library.explanation()) }
        let space = try Dataspace(shape: [])
        return try contents(of: stored, type, space, at: path) { buffer in
            H5Pget_fill_value(properties.id, type.id, buffer)
        } use: { bytes in
            Self.flat(bytes, stored)
        }
    }

    /// The elements one after the other without pointers.
    private static func flat(_ bytes: UnsafeRawBufferPointer, _ type: StoredType) -> [UInt8] {
        guard type.varies else { return Array(bytes) }
        var output: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: type.bytes) {
            type.appendContents(of: UnsafeRawBufferPointer(rebasing: bytes[start...]), to: &output)
        }
        return output
    }
}

import HDF5
import TAPSchema

/// The objects of a data file, however they stand in it.
struct FileObjects: ~Copyable {
    private var keyed: HDF5File?
    private let names: [String]
    private let records: HDF5Records?
    /// Objects whose names are not the descriptor's.
    let passedOver: Int

    init(_ path: String, _ objects: Descriptor.Objects, key: String) throws(HDF5Error) {
        switch objects.layout {
        case .keyed:
            let file = try HDF5File(path: path, access: .whole)
            let all = try file.names()
            names = all.filter { objects.objectName?.match($0) != nil || objects.objectName == nil }
            passedOver = all.count - names.count
            keyed = consume file
            records = nil
        case .columnar, .table:
            records = try HDF5Records(
                path: path,
                arrangement: objects.layout == .table ? .table(objects.place ?? "") : .columns(group: objects.place ?? "/", key: key))
            names = []
            passedOver = 0
            keyed = nil
        }
    }

    var count: Int { records?.count ?? names.count }

    /// What messages call an object; the name of a keyed one.
    var naming: (Int) -> String {
        let names = names
        return records == nil ? { names[$0] } : { "record \($0)" }
    }

    func rootAttributes() throws(HDF5Error) -> [HDF5Attribute] {
        if let records { return try records.rootAttributes() }
        return try keyed?.attributes() ?? []
    }

    /// Lends each object as a record, with its number.
    ///
    /// - Parameter fields: those that are wanted, where others cost.
    mutating func each(fields: Set<String>, _ body: (Int, HDF5Record) throws -> Void) throws {
        if let records {
            return try records.eachRecord(fields: fields) { first, batch in
                for (index, record) in batch.enumerated() { try body(first + index, record) }
            }
        }
        for (index, name) in names.enumerated() {
            if let record = try keyed?.record(name) { try body(index, record) }
        }
    }

    /// Fields of columns that nobody asked for; those of other objects are found while they are read.
    func unknownFields(besides known: Set<String>) -> [String: Int] {
        guard let records, !records.isTable else { return [:] }
        return Dictionary(uniqueKeysWithValues: records.fieldNames.filter { !known.contains($0) }.map { ($0, records.count) })
    }
}

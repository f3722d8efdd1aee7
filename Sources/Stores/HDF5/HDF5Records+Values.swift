extension HDF5Records {
    /// An array longer than this is data, not a field of a record.
    private static let longestArray = 1024

    /// Lends rows as named values, batch by batch, in the order of the file.
    ///
    /// A column gives its element, or the elements of its row when they are a list of up to 1,024; a table the members of its record (those of an inner
    /// compound as `outer.inner`). What has no value (``HDF5Value``) is left out.
    ///
    /// - Parameters:
    ///   - fields: those that are wanted, since each column that is read costs; nil for all. A table gives all its members in any case.
    ///   - body: gets the number of the first row and the records from it on.
    package func eachRecord(fields: Set<String>? = nil, _ body: (Int, [HDF5Record]) throws -> Void) throws {
        try Library.enter()
        let parts = parts(fields)
        let layout = RecordLayout(names: parts.flatMap(\.names))
        let widest = parts.reduce(1) { max($0, $1.column.rowBytes) }
        let batch = max(1, min(4096, (4 << 20) / widest))
        for start in stride(from: 0, to: count, by: batch) {
            let rows = start..<min(count, start + batch)
            var values = [[HDF5Value]](repeating: [], count: rows.count)
            for part in parts { try read(rows, of: part, into: &values) }
            try body(start, values.map { HDF5Record(layout: layout, values: $0) })
        }
    }

    /// The names of all fields that rows have.
    package var fieldNames: [String] { parts(nil).flatMap(\.names) }

    /// A column with the fields that come of it.
    private struct Part {
        let column: RecordColumn
        let names: [String]
        /// Of a table.
        let plan: CompoundPlan?
    }

    private func parts(_ fields: Set<String>?) -> [Part] {
        columns.compactMap { column in
            if case .table = arrangement {
                let plan = CompoundPlan(stored: column.shape.type)
                return Part(column: column, names: plan.layout.names, plan: plan)
            }
            let isField = column.shape.type.isScalar && (column.shape.row.isEmpty || column.shape.row.count == 1)
            guard isField, column.shape.row.first ?? 0 <= Self.longestArray, fields?.contains(column.shape.path) ?? true else { return nil }
            return Part(column: column, names: [column.shape.path], plan: nil)
        }
    }

    private func read(_ rows: Range<Int>, of part: Part, into values: inout [[HDF5Value]]) throws(HDF5Error) {
        let width = part.column.rowBytes
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: max(16, rows.count * width), alignment: 16)
        defer { buffer.deallocate() }
        let bytes = UnsafeMutableRawBufferPointer(rebasing: buffer[..<(rows.count * width)])
        try read(Array(rows)[...], of: part.column, into: bytes)
        defer { reclaim(bytes, rows: rows.count, of: part.column) }
        for index in 0..<rows.count {
            let row = UnsafeRawBufferPointer(rebasing: bytes[index * width..<(index + 1) * width])
            if let plan = part.plan {
                values[index] += plan.values(in: row)
            } else if let value = part.column.shape.type.value(at: row, count: part.column.shape.row.first) {
                values[index].append(value)
            }
        }
    }
}

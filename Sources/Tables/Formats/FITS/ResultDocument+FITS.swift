import NIOCore
import TableModel
import VOTable

extension ResultDocument {
    /// The primary HDU and the header of the table.
    ///
    /// The table's header has units, UCDs, utypes and descriptions (TUNIT, TUCD, TUTYP, TCOMM, as STIL reads them), and QSTATUS: OK, or
    /// OVERFLOW when rows are missing.
    func fitsHead(_ columns: [FITSColumn], rowCount: Int, rowWidth: Int, heapCount: Int, status: QueryStatus) -> [UInt8] {
        let votable = votable(.binary2).describing(rows: rowCount, status)
        // TOPCAT knows its own form by the first five cards.
        var primary = FITSHeader()
        primary.logical("SIMPLE", true)
        primary.integer("BITPIX", 8)
        primary.integer("NAXIS", 1)
        primary.integer("NAXIS1", Int64(votable.readableBytes))
        primary.logical("VOTMETA", true)
        primary.logical("EXTEND", true)
        primary.commentary("COMMENT", "The data of this HDU are a VOTable document that describes the table in the next one.")
        primary.end()

        var table = FITSHeader()
        table.string("XTENSION", "BINTABLE")
        for (keyword, value) in [
            ("BITPIX", 8), ("NAXIS", 2), ("NAXIS1", rowWidth), ("NAXIS2", rowCount), ("PCOUNT", heapCount), ("GCOUNT", 1),
            ("TFIELDS", columns.count),
        ] as [(String, Int)] {
            table.integer(keyword, Int64(value))
        }
        table.string("EXTNAME", "RESULT")
        for (index, name) in uniqueNames().enumerated() {
            table.column(index + 1, name, columns[index], self.columns[index].unit, self.columns[index].ucd, self.columns[index].utype)
            if let description = self.columns[index].description { table.string("TCOMM\(index + 1)", description) }
        }
        let told = status.info
        table.string("QSTATUS", told.value)
        if let text = told.text { table.commentary("COMMENT", "QUERY_STATUS \(told.value): \(text)") }
        for info in infos where info.name != "QUERY" { table.commentary("COMMENT", "\(info.name): \(info.value)") }
        for info in infos where info.name == "QUERY" { table.commentary("HISTORY", info.value) }
        table.end()

        let padding = [UInt8](repeating: 0, count: FITSHeader.padding(after: votable.readableBytes))
        return primary.bytes + Array(buffer: votable) + padding + table.bytes
    }

    /// The columns' names, where letter case does not tell two apart and a repeated one gets a number: `ra`, `ra_2`.
    func uniqueNames() -> [String] {
        var taken: Set<String> = []
        return columns.map { column in
            var name = column.name
            var number = 2
            while !taken.insert(name.lowercased()).inserted {
                name = "\(column.name)_\(number)"
                number += 1
            }
            return name
        }
    }
}

extension FITSHeader {
    fileprivate mutating func column(_ number: Int, _ name: String, _ column: FITSColumn, _ unit: String?, _ ucd: String?, _ utype: String?)
    {
        string("TTYPE\(number)", name)
        string("TFORM\(number)", column.form)
        if let null = column.null { integer("TNULL\(number)", null) }
        if let unit { string("TUNIT\(number)", unit) }
        if let ucd { string("TUCD\(number)", ucd) }
        if let utype { string("TUTYP\(number)", utype) }
    }
}

import HDF5

/// Writes the demo sky's two kinds of files.
enum DemoSkyFile {
    private static let credit = "simulated (Almagest demo sky)"

    /// Sources as groups of scalar datasets, named `CompleteSourceImpl_<number>`.
    static func writeSources(_ sources: [DemoSkySource], firstNumber: Int, run: Int, to path: String) throws(HDF5Error) {
        let writer = try HDF5Writer(creating: path)
        try head(writer, "CompleteSource", run: run)
        for (number, source) in sources.enumerated() {
            let group = try writer.root.createGroup("CompleteSourceImpl_\(firstNumber + number)")
            try group.write(.int64(source.sourceID), to: "source_id")
            for field in source.fields {
                try group.write(.double(field.value), to: field.name, attributes: [HDF5Attribute("unit", .string(field.unit))])
            }
        }
        _ = try writer.commit()
    }

    /// The sources' transits as scalar compound datasets, named `AstroElementaryImpl_<number>`. Returns how many.
    static func writeTransits(
        of sources: [DemoSkySource], firstNumber: Int, run: Int, scan: DemoSkyScan, chance: DemoSkyGenerator, to path: String
    ) throws(HDF5Error) -> Int {
        let writer = try HDF5Writer(creating: path)
        try head(writer, "AstroElementary", run: run)
        let type = try HDF5Type(record)
        var number = firstNumber
        for source in sources {
            var chance = chance.split(UInt64(bitPattern: source.sourceID))
            let spins = chance.integer(4...6)
            for transit in scan.transits(ra: source.ra, dec: source.dec, spins: spins, &chance) {
                let bytes = bytes(of: transit, of: source, &chance)
                try write(bytes, to: writer.root, named: "AstroElementaryImpl_\(number)", as: type)
                number += 1
            }
        }
        _ = try writer.commit()
        return number - firstNumber
    }

    private static func write(
        _ bytes: [UInt8], to group: borrowing HDF5Group, named name: String, as type: borrowing HDF5Type
    ) throws(HDF5Error) {
        let span = bytes.withUnsafeBytes { bytes in Result { () throws(HDF5Error) in try group.write(bytes, to: name, as: type) } }
        try span.get()
    }

    private static func head(_ writer: borrowing HDF5Writer, _ kind: String, run: Int) throws(HDF5Error) {
        try writer.root.set(HDF5Attribute("data_model", .string("gaia.\(kind)")))
        try writer.root.set(HDF5Attribute("run", .int64(Int64(run))))
        try writer.root.set(HDF5Attribute("credit", .string(credit)))
    }

    // MARK: - The record of a transit

    private static let record = StoredType.packed([
        ("transit_id", .int64), ("source_id", .int64), ("obs_time", .int64), ("fov", .int8), ("ccd_row", .int8), ("heal_pix_fov", .int32),
        ("flags", .int32), ("ac_win_coord", .array(.int16, shape: [10])), ("g_flux", .float),
    ])

    private static func bytes(of transit: DemoSkyScan.Transit, of source: DemoSkySource, _ chance: inout DemoSkyGenerator) -> [UInt8] {
        // Seven rows of detectors lie side by side across the scan; windows are counted within a row, and the star drifts a little.
        let across = (transit.offset + 1) / 2 * 6.999
        let row = 1 + Int(across)
        let start = 13 + Int((across - Double(row - 1)) * 1900)
        let drift = chance.uniform(-6, 6)
        let windows = (0..<10).map { Int16(max(13, min(1978, start + Int((drift * Double($0)).rounded())))) }
        let flux = DemoSkyMath.power(10, -0.4 * (source.magnitude - 25.6874))
        let noise = 0.002 + 0.0008 * DemoSkyMath.power(10, 0.2 * max(0, source.magnitude - 13))
        var bytes: [UInt8] = []
        func append(_ value: some FixedWidthInteger) {
            withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
        }
        // Gaia's transit identifier: on-board time in units of 204.8 µs, field of view, row, and the coordinate across the scan.
        append((transit.time / 204_800) << 17 | Int64(transit.fieldOfView) << 15 | Int64(row) << 12 | Int64(windows[0]))
        append(source.sourceID)
        append(transit.time)
        append(Int8(transit.fieldOfView))
        append(Int8(row))
        append(Int32(source.sourceID >> 43))
        append(Int32(chance.integer(0...63)))
        for window in windows { append(window) }
        append(Float(flux * (1 + noise * chance.normal())).bitPattern)
        return bytes
    }
}

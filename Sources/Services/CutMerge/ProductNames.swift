import HDF5

/// Gives every object its path in the product: its own, unless another file's object has that already.
struct ProductNames {
    enum Place: Equatable {
        /// Free: the object goes here.
        case free(String)
        /// The object is part of one that was copied from the same file, and so is in the product at this path.
        case within(String)
    }

    /// Paths of objects in the product.
    private var taken: Set<String> = ["/\(Manifest.name)"]
    /// Paths of groups that were made only to hold objects at their original depth.
    private var holders: Set<String> = []
    /// From the path in the file at hand to that in the product.
    private var copied: [String: String] = [:]
    private var stem = ""

    /// Turns to the next file; its name without extension marks what has to be renamed.
    mutating func turn(to file: String) {
        copied.removeAll(keepingCapacity: true)
        stem = file.lastIndex(of: ".").map { String(file[..<$0]) } ?? file
    }

    /// Where the object of that absolute path belongs. Objects of one file are asked for in natural order, so a group before its members.
    func place(_ path: String) -> Place {
        if let known = copied[path] { return .within(known) }
        if !path.utf8.dropFirst().contains(UInt8(ascii: "/")) {
            return .free(taken.contains(path) || holders.contains(path) ? renamed(path) : path)
        }
        var product = ""
        var original = ""
        let steps = path.dropFirst().split(separator: "/")
        for (index, step) in steps.enumerated() {
            original += "/\(step)"
            product += "/\(step)"
            let isLast = index == steps.count - 1
            if !isLast, let ancestor = copied[original] {
                return .within(ancestor + steps[(index + 1)...].map { "/\($0)" }.joined())
            }
            if taken.contains(product) || isLast && holders.contains(product) { product = renamed(product) }
        }
        return .free(product)
    }

    /// Where records belong: at their own place, unless something of theirs has its name there already. Then a table gets its file's name, and
    /// columns a group of that name.
    mutating func placeRecords(_ records: HDF5Records, from file: String) -> String {
        turn(to: file)
        var base = records.path
        if members(of: records, at: base).contains(where: { taken.contains($0) || holders.contains($0) }) {
            base = records.isTable ? renamed(base) : renamed("/\(stem)", marked: base == "/" ? "/\(stem)" : "\(base)__\(stem)")
        }
        for member in members(of: records, at: base) { take(member, at: member) }
        return base
    }

    private func members(of records: HDF5Records, at base: String) -> [String] {
        records.isTable ? [base] : records.columnPaths.map { base == "/" ? "/\($0)" : "\(base)/\($0)" }
    }

    /// `/Impl_5` of `AstroElementary_134755_0006.h5` becomes `/Impl_5__AstroElementary_134755_0006`.
    private func renamed(_ path: String, marked: String? = nil) -> String {
        let marked = marked ?? "\(path)__\(stem)"
        var candidate = marked
        var number = 2
        while taken.contains(candidate) || holders.contains(candidate) {
            candidate = "\(marked)_\(number)"
            number += 1
        }
        return candidate
    }

    /// Records that the object was copied to a place that ``place(_:)`` gave.
    mutating func take(_ path: String, at product: String) {
        copied[path] = product
        taken.insert(product)
        var end = product.startIndex
        while let slash = product[product.index(after: end)...].firstIndex(of: "/") {
            holders.insert(String(product[..<slash]))
            end = slash
        }
    }
}

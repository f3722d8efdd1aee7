/// A name in which parts between braces vary: `CompleteSource_{run}_{file_version}.{file_extension}`.
///
/// Read backwards it finds the parts of a real name; read forwards it makes a name from parts.
package struct NamePattern: Hashable, Sendable, CustomStringConvertible {
    private enum Piece: Hashable, Sendable {
        case literal([UInt8])
        case part(String)
    }

    private let pieces: [Piece]
    package let description: String

    /// Nil when braces don't match or are empty, or when two parts stand side by side, so that nothing would tell them apart.
    package init?(_ text: String) {
        var pieces: [Piece] = []
        var literal: [UInt8] = []
        var part: [UInt8]?
        for byte in text.utf8 {
            switch (byte, part) {
            case (UInt8(ascii: "{"), nil):
                if !literal.isEmpty { pieces.append(.literal(literal)) }
                if case .part = pieces.last { return nil }
                literal = []
                part = []
            case (UInt8(ascii: "}"), .some(let name)):
                guard !name.isEmpty else { return nil }
                pieces.append(.part(String(decoding: name, as: UTF8.self)))
                part = nil
            case (UInt8(ascii: "{"), _), (UInt8(ascii: "}"), _): return nil
            case (_, nil): literal.append(byte)
            case (_, .some): part?.append(byte)
            }
        }
        guard part == nil else { return nil }
        if !literal.isEmpty { pieces.append(.literal(literal)) }
        guard !pieces.isEmpty else { return nil }
        self.pieces = pieces
        description = text
    }

    /// The parts' names.
    package var parts: [String] {
        pieces.compactMap { if case .part(let name) = $0 { name } else { nil } }
    }

    /// The parts of a name that fits, each as short as it can be and never empty; nil when the name doesn't fit.
    ///
    /// `CompleteSource_{run}_{version}.h5` reads `CompleteSource_130097_0003.h5` as run 130097, version 0003.
    package func match(_ name: String) -> [String: String]? {
        let bytes = Array(name.utf8)
        var found: [String: String] = [:]
        return Self.match(pieces[...], bytes[...], &found) ? found : nil
    }

    private static func match(_ pieces: ArraySlice<Piece>, _ rest: ArraySlice<UInt8>, _ found: inout [String: String]) -> Bool {
        guard let piece = pieces.first else { return rest.isEmpty }
        switch piece {
        case .literal(let literal):
            return rest.starts(with: literal) && match(pieces.dropFirst(), rest.dropFirst(literal.count), &found)
        case .part(let name):
            if pieces.count == 1 {
                found[name] = String(decoding: rest, as: UTF8.self)
                return !rest.isEmpty
            }
            for end in rest.indices.dropFirst() where match(pieces.dropFirst(), rest[end...], &found) {
                found[name] = String(decoding: rest[..<end], as: UTF8.self)
                return true
            }
            return false
        }
    }

    /// The name made of these parts; nil when one is missing.
    package func fill(_ parts: [String: String]) -> String? {
        var name: [UInt8] = []
        for piece in pieces {
            switch piece {
            case .literal(let literal): name += literal
            case .part(let part):
                guard let value = parts[part] else { return nil }
                name += value.utf8
            }
        }
        return String(decoding: name, as: UTF8.self)
    }
}

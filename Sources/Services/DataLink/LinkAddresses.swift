package import Foundation
package import TableModel

/// The URLs of the archive's services around data, all absolute.
package struct LinkAddresses: Hashable, Sendable {
    /// Without a slash at its end.
    private let base: String

    /// - Parameter base: what stands before all paths, such as `https://archive.example/almagest`.
    package init(base: String) {
        self.base = String(base.reversed().drop { $0 == "/" }.reversed())
    }

    /// The links service, without parameters.
    package var datalink: String { "\(base)/datalink" }
    /// Cut & Merge, without parameters.
    package var cutMerge: String { "\(base)/datalink/cutmerge" }
    /// Cut & Merge as jobs.
    package var cutMergeJobs: String { "\(cutMerge)/async" }
    /// What Cut & Merge of a selection would come to.
    package func quote(of selection: UUID) -> String {
        "\(cutMerge)/quote?selection=\(selection.text)"
    }

    /// Where selections are made.
    package var selections: String { "\(base)/selections" }
    /// The archive's front page.
    package var home: String { "\(base)/" }

    /// A row's link table, as `access_url` has it.
    ///
    /// - Parameter begin: names a selection that the row is to begin.
    package func links(of row: RowIdentifier, client: UUID?, begin: UUID? = nil) -> String {
        "\(datalink)?id=\(row.uuid)\(parameter("clientId", client))\(parameter("begin", begin))"
    }

    package func product(of selection: UUID) -> String {
        "\(cutMerge)?selection=\(selection.text)"
    }

    /// The product of rows that the URL itself names.
    package func product(of rows: [RowIdentifier], client: UUID?) -> String {
        "\(cutMerge)?\(ids(rows))\(parameter("clientId", client))"
    }

    /// The rows of another table that belong to a selection's rows.
    package func related(_ relation: String, to selection: UUID) -> String {
        "\(datalink)/related?selection=\(selection.text)&relation=\(Self.encode(relation))"
    }

    package func related(_ relation: String, to rows: [RowIdentifier]) -> String {
        "\(datalink)/related?\(ids(rows))&relation=\(Self.encode(relation))"
    }

    /// A data file as it lies in the archive.
    package func file(_ name: String) -> String {
        "\(base)/files/\(Self.encode(name))"
    }

    /// The page of a selection, where rows can be taken out.
    package func page(of selection: UUID) -> String {
        "\(base)/selections/\(selection.text)"
    }

    /// `https://archive.example/datalink?id=X&clientId=Y` gives `X`; nil for what is no address of a link table.
    package static func identifier(inAccessURL text: String) -> String? {
        guard text.utf8.starts(with: "http".utf8), let components = URLComponents(string: text) else { return nil }
        return components.queryItems?.first { $0.name.lowercased() == "id" }?.value
    }

    private func ids(_ rows: [RowIdentifier]) -> String {
        rows.map { "id=\($0.uuid)" }.joined(separator: "&")
    }

    private func parameter(_ name: String, _ value: UUID?) -> String {
        value.map { "&\(name)=\($0.text)" } ?? ""
    }

    /// All but the unreserved characters of RFC 3986 §2.3 become `%XX`.
    private static func encode(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: unreserved) ?? ""
    }

    private static let unreserved = CharacterSet(
        charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
}

extension UUID {
    /// 36 lower-case characters. Foundation's way takes so long that it shows in answers of many rows.
    var text: String {
        withUnsafeBytes(of: uuid) { bytes in
            String(unsafeUninitializedCapacity: 36) { buffer in
                var position = 0
                func put(_ digit: UInt8) {
                    buffer[position] = digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") - 10 + digit
                    position += 1
                }
                for index in 0..<16 {
                    if index == 4 || index == 6 || index == 8 || index == 10 {
                        buffer[position] = UInt8(ascii: "-")
                        position += 1
                    }
                    put(bytes[index] >> 4)
                    put(bytes[index] & 0xF)
                }
                return position
            }
        }
    }
}

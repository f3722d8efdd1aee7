package import Foundation
import Redis
package import TableModel

/// A product that was made once, as its file was called; whether it is still there, its folder knows.
package struct MadeProduct: Hashable, Sendable {
    package var name: String
    /// Bytes.
    package var size: Int

    package init(name: String, size: Int) {
        self.name = name
        self.size = size
    }

    /// `gaia_cutmerge_0123456789abcdef.h5 40123`
    init?(text: String) {
        let parts = text.split(separator: " ")
        guard parts.count == 2, let size = Int(parts[1]) else { return nil }
        self.init(name: String(parts[0]), size: size)
    }

    var text: String { "\(name) \(size)" }
}

extension Selections {
    /// Notes what was made of a selection's rows, so that its links can tell the size. Without Redis nothing is noted.
    package func note(_ product: MadeProduct, of selection: UUID) async {
        _ = try? await run(SelectionScripts.note, [RedisArgument(selection.text), "product", RedisArgument(product.text)])
    }

    /// Notes which job makes the product of a selection, so that whoever asks for it next is led there.
    package func note(job: String, of selection: UUID) async {
        _ = try? await run(SelectionScripts.note, [RedisArgument(selection.text), "job", RedisArgument(job)])
    }

    /// Notes what was made of one row alone for a client.
    package func note(_ product: MadeProduct, of row: RowIdentifier, client: UUID) async {
        let key = RedisArgument(Array("\(settings.prefix)made:\(client.text):".utf8) + row.packed)
        _ = try? await redis?.send(
            RedisCommand("SET", key, RedisArgument(product.text), "PX", RedisArgument(settings.lifetime.milliseconds)))
    }
}

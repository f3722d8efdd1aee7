import Crypto
import Synchronization
import TableModel

/// Which product was the answer to what, for those who ask for the same again: so no row is looked up twice.
final class RecentProducts: Sendable {
    /// What was asked for in which state of the archive.
    struct Key: Hashable {
        fileprivate let digest: SHA256.Digest

        init(_ asked: CutMergeService.Asked, generation: Int64) {
            var hash = SHA256()
            func add(_ number: UInt64) {
                withUnsafeBytes(of: number) { hash.update(bufferPointer: $0) }
            }
            func add(_ text: String) {
                add(UInt64(text.utf8.count))
                hash.update(data: Array(text.utf8))
            }
            add(UInt64(bitPattern: generation))
            add(UInt64(asked.limit))
            add(asked.query == nil ? 0 : 1)
            add(asked.query ?? "")
            for texts in [asked.unreadable, asked.relations] {
                add(UInt64(texts.count))
                for text in texts.sorted() { add(text) }
            }
            // Order doesn't matter: the tables' keys as sorted words.
            let words = asked.identifiers.map { (UInt64($0.tag.rawValue), UInt64(bitPattern: $0.key)) }.sorted { $0 < $1 }
            let flat = words.flatMap { [$0.0, $0.1] }
            flat.withUnsafeBytes { hash.update(bufferPointer: $0) }
            digest = hash.finalize()
        }
    }

    private static let most = 1000
    private let names = Mutex<[Key: ProductStore.Name]>([:])

    subscript(key: Key) -> ProductStore.Name? {
        get { names.withLock { $0[key] } }
        set {
            names.withLock { names in
                if names.count >= Self.most { names.removeAll(keepingCapacity: true) }
                names[key] = newValue
            }
        }
    }
}

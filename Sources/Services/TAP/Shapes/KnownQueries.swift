import ADQL
import Names
import Postgres
import Synchronization

/// Queries that have come before, by their shape: they are neither parsed nor resolved nor planned again.
///
/// Bounded, and kept for one state of the catalogue only.
final class KnownQueries: Sendable {
    /// What a query is known by, beside the values of its keys.
    struct Key: Hashable, Sendable {
        var skeleton: [UInt8]
        var version: ADQLVersion
        /// Rows that its statement is limited to.
        var limit: Int
    }

    /// A key and the literals that are no parameters: TOP, the circle of a cone, and so on.
    private struct WholeKey: Hashable {
        var key: Key
        var fixed: [ArraySlice<UInt8>]
    }

    private struct State {
        var generation: Int64 = .min
        var parameters = BoundedCache<Key, [Int]>(capacity: 256)
        var queries = BoundedCache<WholeKey, KnownQuery>(capacity: 256)
    }

    private let state = Mutex(State())

    func query(_ key: Key, _ shape: QueryShape, generation: Int64) -> KnownQuery? {
        state.withLock { state in
            guard state.generation == generation, let parameters = state.parameters[key] else { return nil }
            return state.queries[WholeKey(key: key, fixed: shape.literals(without: parameters))]
        }
    }

    func add(_ query: KnownQuery, _ key: Key, _ shape: QueryShape, generation: Int64) {
        state.withLock { state in
            guard state.generation <= generation else { return }
            if state.generation < generation { state = State(generation: generation) }
            if let known = state.parameters[key], known != query.parameters { return }
            state.parameters[key] = query.parameters
            state.queries[WholeKey(key: key, fixed: shape.literals(without: query.parameters))] = query
        }
    }
}

extension QueryShape {
    fileprivate func literals(without parameters: [Int]) -> [ArraySlice<UInt8>] {
        if parameters.count == literals.count { return [] }
        return literals.indices.filter { !parameters.contains($0) }.map { literals[$0] }
    }
}

/// Values by key; those not used for long make room.
///
/// Two halves: when the young one is full it becomes the old one, whose values are dropped unless they are used meanwhile.
struct BoundedCache<Key: Hashable, Value> {
    private var young: [Key: Value] = [:]
    private var old: [Key: Value] = [:]
    private let half: Int

    init(capacity: Int) {
        half = max(1, capacity / 2)
    }

    subscript(_ key: Key) -> Value? {
        mutating get {
            if let value = young[key] { return value }
            guard let value = old.removeValue(forKey: key) else { return nil }
            self[key] = value
            return value
        }
        set {
            if young.count >= half, young[key] == nil {
                old = young
                young = [:]
            }
            young[key] = newValue
        }
    }
}

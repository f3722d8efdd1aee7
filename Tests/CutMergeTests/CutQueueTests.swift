import Testing

@testable import CutMerge

@Suite("The queue of products")
struct CutQueueTests {
    @Test("lets small products pass large ones, which never take all places")
    func sizes() {
        var queue = CutQueueState(places: 2, limit: 3)
        #expect(call(&queue) { $0.enter(isLarge: true) } == .run)
        #expect(call(&queue) { $0.enter(isLarge: true) } == .wait(1))
        #expect(call(&queue) { $0.enter(isLarge: false) } == .run)
        #expect(call(&queue) { $0.enter(isLarge: false) } == .wait(2))
        #expect(call(&queue) { $0.enter(isLarge: false) } == .wait(3))
        #expect(call(&queue) { $0.enter(isLarge: false) } == .refuse(3))
        // A small one's place is not for the large one that is first.
        #expect(call(&queue) { $0.leave(isLarge: false) } == [2])
        #expect(call(&queue) { $0.leave(isLarge: true) } == [1])
        #expect(call(&queue) { $0.leave(isLarge: true) } == [3])
        #expect(call(&queue) { $0.leave(isLarge: false) } == [])
    }

    @Test("gives a single place to large products too")
    func single() {
        var queue = CutQueueState(places: 1, limit: 0)
        #expect(call(&queue) { $0.enter(isLarge: true) } == .run)
        #expect(call(&queue) { $0.enter(isLarge: false) } == .refuse(0))
        #expect(call(&queue) { $0.leave(isLarge: true) } == [])
        #expect(call(&queue) { $0.enter(isLarge: false) } == .run)
    }

    @Test("knows who was called before he stood there, and who has given up")
    func arrivals() {
        var queue = CutQueueState(places: 1, limit: 3)
        _ = queue.enter(isLarge: false)
        for number in 1...3 { #expect(queue.enter(isLarge: false) == .wait(number)) }
        #expect(call(&queue) { $0.arrive(3, isCancelled: false) } == .waiting)
        #expect(call(&queue) { $0.leave(isLarge: false) } == [1])
        #expect(call(&queue) { $0.arrive(1, isCancelled: true) } == .called)
        queue.forget(1)
        #expect(call(&queue) { $0.giveUp(2) })
        #expect(!call(&queue) { $0.giveUp(2) })
        #expect(call(&queue) { $0.arrive(2, isCancelled: true) } == .gone)
        #expect(call(&queue) { $0.arrive(3, isCancelled: true) } == .gone)
        #expect(call(&queue) { $0.leave(isLarge: false) } == [])
    }
}

private func call<Result>(_ queue: inout CutQueueState, _ body: (inout CutQueueState) -> Result) -> Result {
    body(&queue)
}

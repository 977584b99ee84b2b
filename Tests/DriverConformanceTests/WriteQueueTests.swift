import MartletCore
import MartletSQL
import Synchronization
import Testing

@Suite("the queue of writes")
struct WriteQueueTests {
    @Test("writes of a key wait for the group that has it, hold no thread meanwhile, and then go together")
    func busyKey() throws {
        let queue = WriteQueue(threads: 3)
        let finished = Finished()
        #expect(queue.append(NamedWrite("a1", key: "a", finished)))
        let first = try #require(queue.nextGroup())
        #expect(!queue.append(NamedWrite("a2", key: "a", finished)))
        #expect(!queue.append(NamedWrite("a3", key: "a", finished)))
        #expect(queue.append(NamedWrite("b1", key: "b", finished)))
        let second = try #require(queue.nextGroup())
        #expect(finished.names(of: second) == ["b1"])
        #expect(queue.nextGroup(after: second) == nil)
        #expect(finished.names(of: first) == ["a1"])
        let third = try #require(queue.nextGroup(after: first))
        #expect(finished.names(of: third) == ["a2", "a3"])
        #expect(queue.nextGroup(after: third) == nil)
        #expect(queue.append(NamedWrite("a4", key: "a", finished)))
    }

    @Test("threads share what waits, but not what is of one key, in the order in which it came")
    func shares() throws {
        let queue = WriteQueue(threads: 2)
        let finished = Finished()
        for name in ["a1", "b1", "c1", "a2", "c2", "d1"] {
            _ = queue.append(NamedWrite(name, key: String(name.prefix(1)), finished))
        }
        let first = try #require(queue.nextGroup())
        let second = try #require(queue.nextGroup())
        #expect(finished.names(of: first) == ["a1", "b1", "c1", "a2", "c2"])
        #expect(finished.names(of: second) == ["d1"])
    }
}

/// Notes whose turn it was.
private final class Finished: Sendable {
    private let noted = Mutex<[String]>([])

    func note(_ name: String) { self.noted.withLock { $0.append(name) } }

    /// Finishes a group and returns the names of its writes.
    func names(of group: WriteGroup) -> [String] {
        self.noted.withLock { $0.removeAll() }
        group.finish(nil)
        return self.noted.withLock { $0 }
    }
}

private final class NamedWrite: PendingWrite {
    let scope: WriteScope
    let askedAt = ContinuousClock.now
    private let name: String
    private let finished: Finished

    init(_ name: String, key: String, _ finished: Finished) {
        self.name = name
        self.scope = .only(WriteKey("test", key))
        self.finished = finished
    }

    var failure: MartletError? { nil }
    func perform(on connection: any Connection) -> Bool { true }
    func fail(_ error: MartletError) {}
    func finish(_ groupFailure: MartletError?) { self.finished.note(self.name) }
}

import MartletCore
import Synchronization
import Testing

@Suite("Closing")
struct ClosingTests {
    @Test("one thing that does not close keeps no other from it, and the first error is told")
    func all() async {
        let log = ClosingLog()
        do throws(MartletError) {
            try await closeAll(log.close, log.fail, log.failAgain, log.close)
            Issue.record("nothing was thrown")
        } catch {
            #expect(error.message == "first")
        }
        #expect(log.count == 2)
    }
}

private final class ClosingLog: Sendable {
    private let closed = Mutex(0)

    var count: Int { self.closed.withLock { $0 } }

    func close() async throws(MartletError) {
        self.closed.withLock { $0 += 1 }
    }

    func fail() async throws(MartletError) {
        throw MartletError(.internal, "first")
    }

    func failAgain() async throws(MartletError) {
        throw MartletError(.internal, "second")
    }
}

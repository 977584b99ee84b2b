import MartletProxy
import NIOCore
import Testing

@Suite("Health of backends")
struct BackendHealthTests {
    private let start = NIODeadline.uptimeNanoseconds(0)

    /// Lets it fail so often, all at once.
    private func fail(_ health: BackendHealth, times: Int, at now: NIODeadline) {
        for _ in 0..<times { health.note(.failed, at: now) }
    }

    @Test("requests that were under way when a backend was ejected do not prolong its ejection")
    func underWay() {
        let health = BackendHealth()
        self.fail(health, times: 50, at: self.start)
        #expect(!health.admits(at: self.start + .milliseconds(4_999)))
        #expect(health.admits(at: self.start + .seconds(5)))
    }

    @Test("an ejected backend is tried by one request at a time, and left alone for longer each time it fails")
    func trial() {
        let health = BackendHealth()
        var now = self.start
        self.fail(health, times: 5, at: now)
        for pause in [5, 10, 15] as [Int64] {
            #expect(!health.admits(at: now + .seconds(pause) - .nanoseconds(1)))
            now = now + .seconds(pause)
            #expect(health.admits(at: now))
            #expect(!health.admits(at: now))
            health.note(.failed, at: now)
        }
        now = now + .seconds(20)
        #expect(health.admits(at: now))
        health.note(.alive, at: now)
        self.fail(health, times: 4, at: now)
        #expect(health.admits(at: now))
    }
}

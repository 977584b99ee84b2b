import MartletProxy
import NIOCore
import Testing

@Suite("Health of backends")
struct BackendHealthTests {
    private let health = BackendHealth()
    private let start = NIODeadline.uptimeNanoseconds(0)

    /// Requests that are all under way at once.
    private func admit(_ count: Int, at now: NIODeadline) throws -> [BackendHealth.Admission] {
        try (0..<count).map { _ in try #require(self.health.admit(at: now)) }
    }

    private func note(_ sign: BackendHealth.Sign, of admissions: [BackendHealth.Admission], at now: NIODeadline) {
        for admission in admissions { self.health.note(sign, of: admission, at: now) }
    }

    @Test("requests that were under way when a backend was ejected do not prolong that, however late they fail")
    func underWay() throws {
        let requests = try self.admit(50, at: self.start)
        self.note(.failed, of: Array(requests[..<40]), at: self.start)
        #expect(self.health.admit(at: self.start + .milliseconds(4_999)) == nil)
        let end = self.start + .seconds(5)
        self.note(.failed, of: Array(requests[40...]), at: end)
        let trial = try self.admit(1, at: end)
        self.note(.none, of: Array(requests[..<5]), at: end)
        #expect(self.health.admit(at: end) == nil)
        self.note(.alive, of: trial, at: end)
        _ = try self.admit(20, at: end)
    }

    @Test("an ejected backend is tried by one request at a time, and left alone for longer each time it fails")
    func trial() throws {
        var now = self.start
        self.note(.failed, of: try self.admit(5, at: now), at: now)
        for pause in [5, 10, 15] as [Int64] {
            #expect(self.health.admit(at: now + .seconds(pause) - .nanoseconds(1)) == nil)
            now = now + .seconds(pause)
            let trial = try self.admit(1, at: now)
            #expect(self.health.admit(at: now) == nil)
            self.note(.failed, of: trial, at: now)
        }
        now = now + .seconds(20)
        self.note(.alive, of: try self.admit(1, at: now), at: now)
        self.note(.failed, of: try self.admit(4, at: now), at: now)
        _ = try self.admit(1, at: now)
    }

    @Test("a trial that takes its time does not keep others from trying, and says nothing of theirs")
    func slowTrial() throws {
        self.note(.failed, of: try self.admit(5, at: self.start), at: self.start)
        let slow = try self.admit(1, at: self.start + .seconds(5))
        #expect(self.health.admit(at: self.start + .milliseconds(9_999)) == nil)
        let next = try self.admit(1, at: self.start + .seconds(10))
        self.note(.none, of: slow, at: self.start + .seconds(10))
        #expect(self.health.admit(at: self.start + .seconds(10)) == nil)
        self.note(.alive, of: next, at: self.start + .seconds(11))
        _ = try self.admit(20, at: self.start + .seconds(11))
    }

    @Test("a backend that is readmitted is asked at once, and its failures of before do not count")
    func readmission() throws {
        let old = try self.admit(9, at: self.start)
        self.note(.failed, of: Array(old[..<5]), at: self.start)
        self.health.readmit()
        self.note(.failed, of: Array(old[5...]), at: self.start)
        self.note(.failed, of: try self.admit(4, at: self.start), at: self.start)
        _ = try self.admit(1, at: self.start)
    }
}

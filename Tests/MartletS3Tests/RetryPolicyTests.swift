import MartletCore
import MartletS3
import Testing

@Suite("Repeating requests")
struct RetryPolicyTests {
    @Test("pauses grow, up to a bound, and each is anything up to it")
    func growth() {
        let policy = RetryPolicy()
        let longest = (1...5).map { policy.pause(afterAttempts: $0, remaining: .seconds(60), chance: 1) }
        #expect(longest == [100, 200, 400, 800, 1_600].map { Duration.milliseconds($0) })
        #expect(policy.pause(afterAttempts: 3, remaining: .seconds(60), chance: 0.25) == .milliseconds(100))
        var patient = policy
        patient.attemptsMax = 50
        #expect(patient.pause(afterAttempts: 40, remaining: .seconds(60), chance: 1) == .seconds(5))
    }

    @Test("there is an end, by number and by time")
    func end() {
        let policy = RetryPolicy()
        #expect(policy.pause(afterAttempts: 6, remaining: .seconds(60), chance: 0) == nil)
        #expect(policy.pause(afterAttempts: 1, remaining: .milliseconds(50), chance: 1) == nil)
        #expect(policy.pause(afterAttempts: 1, remaining: .seconds(-1), chance: 0) == nil)
    }
}

@Suite("The memory of uploads to an object store")
struct PartBudgetTests {
    @Test("who waits too long is told to come again, and those before and after are served")
    func expiry() async throws {
        let budget = PartBudget(partsMax: 1, patience: .milliseconds(100))
        try await budget.take()
        let error = await #expect(throws: MartletError.self) { try await budget.take() }
        #expect(error?.code == .unavailable)
        async let next: Void = budget.take()
        try await Task.sleep(for: .milliseconds(20))
        budget.giveBack()
        try await next
        budget.giveBack()
        #expect(budget.grantedCount == 0)
        #expect(budget.grantedCountPeak == 1)
    }

    @Test("many that take and give back never have more than there is")
    func many() async throws {
        let budget = PartBudget(partsMax: 3, patience: .seconds(600))
        try await withThrowingTaskGroup { group in
            for _ in 1...200 {
                group.addTask {
                    try await budget.take()
                    await Task.yield()
                    budget.giveBack()
                }
            }
            try await group.waitForAll()
        }
        #expect(budget.grantedCountPeak == 3)
        #expect(budget.grantedCount == 0)
    }
}

import MartletCore
import MartletDeployments
import MartletStatistics
import MartletTestSupport
import Testing

@Suite("Conditions")
struct ConditionTests {
    @Test(
        "say all that they mean once they were read",
        arguments: [
            ("error rate over 2% for 5m: roll back", "error rate over 2% for 5m on 150 requests: roll back"),
            ("error rate  over 0.5%  for 300s :notify", "error rate over 0.5% for 5m on 600 requests: notify"),
            ("error rate over 50% for 2s: notify", "error rate over 50% for 2s on 20 requests: notify"),
            ("error rate over 0% for 1h: notify", "error rate over 0% for 1h on 10000 requests: notify"),
            ("error rate over 2% for 5m on 7 requests: notify", "error rate over 2% for 5m on 7 requests: notify"),
            ("p50 over 1s for 1m: notify", "p50 over 1s for 1m on 20 requests: notify"),
            ("p99 over 300ms for 5m: notify", "p99 over 300ms for 5m on 300 requests: notify"),
            ("p99.9 over 2s for 1h: notify", "p99.9 over 2s for 1h on 3000 requests: notify"),
            ("accuracy under 0.9 on 500 outcomes: roll back", "accuracy under 0.9 on 500 outcomes: roll back"),
            (
                "cost: EUR over 3 on 9 outcomes: request retraining",
                "cost: EUR over 3 on 9 outcomes: request retraining"
            ),
            ("agreement under 95% for 1h: pause", "agreement under 95% for 1h on 60 requests: pause"),
            ("agreement under 0.9 on 9 outcomes: roll back", "agreement under 0.9 on 9 outcomes: roll back"),
            ("psi of petal_length over 0.2: request retraining", "psi of petal_length over 0.2: request retraining"),
        ]
    )
    func sentences(said: String, meant: String) throws {
        let condition = try Condition(validating: said)
        #expect(condition.text == meant)
        #expect(try Condition(validating: condition.text) == condition)
    }

    @Test(
        "that cannot be meant are refused with the reason",
        arguments: [
            ("", "action"), ("error rate over 2% for 5m", "action"), ("error rate over 2% for 5m: explode", "explode"),
            ("error rate above 2% for 5m: notify", "over"), ("over 2% for 5m: notify", "over"),
            ("error rate over: notify", "over"), ("error rate over 2 for 5m: notify", "percentage"),
            ("error rate over 2%: notify", "how long"), ("error rate over 2% for 5 m: notify", "length of time"),
            ("error rate over 2% for 2d: notify", "a day"), ("error rate over 2% for 1999ms: notify", "2s"),
            ("error rate under 2% for 5m: notify", "under"),
            ("error rate over 2% for 5m on 0 requests: notify", "'0'"),
            ("error rate over 2% for 5m on 9 outcomes: notify", "requests"),
            ("error rate over 2% for 5m on 9 requests please: notify", "please"),
            ("p99 over 300 for 5m: notify", "300ms"), ("accuracy under 0.9: notify", "outcomes"),
            ("accuracy under x on 5 outcomes: notify", "'x'"), ("accuracy under nan on 5 outcomes: notify", "'nan'"),
            ("accuracy under 0.9 for 5m on 5 outcomes: notify", "outcomes"), ("psi of x under 1: notify", "psi"),
            ("agreement over 5% for 5m: notify", "under"), ("agreement under 5%: notify", "how long"),
            ("agreement under 5% for 5m: roll back", "nothing to roll back"),
            ("agreement under 0.5 for 5m: notify", "percentage"),
            ("psi of x over 1 for 5m: notify", "psi"), ("error rate over 2%\n for 5m: notify", "control"),
        ]
    )
    func refusals(said: String, reason: String) {
        #expect {
            try Condition(validating: said)
        } throws: { error in
            (error as? MartletError)?.message.contains(reason) ?? false
        }
    }

    private static let window = TimeSpan(milliseconds: 300_000)

    private static func reading(failed: Int, of count: Int, microseconds: UInt64 = 1_000) -> ArmReading {
        var sums = TrafficSums()
        for place in 0..<count { sums.record(place < failed ? .failed : .answered, microseconds: microseconds) }
        return ArmReading(traffic: [Self.window: sums])
    }

    @Test(
        "on error rates are met beyond the threshold, by enough requests",
        arguments: [(3, 150, false), (4, 150, true), (4, 149, false), (149, 149, false), (1, 1, false), (0, 0, false)]
    )
    func failureRate(failed: Int, count: Int, isMet: Bool) throws {
        let condition = try Condition(validating: "error rate over 2% for 5m: roll back")
        let evidence = condition.evidence(in: Self.reading(failed: failed, of: count))
        #expect((evidence != nil) == isMet)
        if let evidence { #expect((evidence.count, evidence.failures) == (Int64(count), Int64(failed))) }
    }

    @Test("are about no window but their own")
    func otherWindow() throws {
        let condition = try Condition(validating: "error rate over 2% for 1m: roll back")
        #expect(condition.evidence(in: Self.reading(failed: 500, of: 500)) == nil)
    }

    @Test("on durations are met when the quantile is longer", arguments: [(UInt64(299_000), false), (305_000, true)])
    func latency(microseconds: UInt64, isMet: Bool) throws {
        let condition = try Condition(validating: "p99 over 300ms for 5m: notify")
        let evidence = condition.evidence(in: Self.reading(failed: 0, of: 300, microseconds: microseconds))
        #expect((evidence != nil) == isMet)
        #expect(condition.evidence(in: Self.reading(failed: 0, of: 299, microseconds: microseconds)) == nil)
    }

    @Test("on agreement are met by what could be compared, and only by enough of it")
    func agreement() throws {
        let condition = try Condition(validating: "agreement under 95% for 5m: notify")
        let evidence = { (agreements: [Agreement: Int]) in
            var sums = TrafficSums()
            for (agreement, count) in agreements {
                for _ in 0..<count { sums.record(.answered, microseconds: 1, agreement) }
            }
            return condition.evidence(in: ArmReading(traffic: [Self.window: sums]))
        }
        #expect(evidence([.same: 30, .equal: 26, .different: 4])?.count == 60)
        #expect(evidence([.same: 75, .different: 25])?.measured == 0.75)
        #expect(evidence([.same: 57, .different: 3]) == nil)
        #expect(evidence([.same: 30, .different: 29]) == nil)
        #expect(evidence([.incomparable: 1_000]) == nil)
        #expect(condition.evidence(in: Self.reading(failed: 500, of: 500)) == nil)
    }

    @Test("on outcomes are met by their mean, once there are enough")
    func outcomes() throws {
        let condition = try Condition(validating: "accuracy under 0.9 on 500 outcomes: roll back")
        let evidence = { (count: Int64, sum: Double) in
            condition.evidence(in: ArmReading(outcomes: ["accuracy": OutcomeTotal(count: count, sum: sum)]))
        }
        #expect(evidence(500, 449)?.measured == 0.898)
        #expect(evidence(500, 450) == nil)
        #expect(evidence(499, 0) == nil)
        #expect(condition.evidence(in: ArmReading(outcomes: ["other": OutcomeTotal(count: 500, sum: 0)])) == nil)
    }

    @Test(
        "are looked at as often as the shortest of their times asks for, and at least every ten seconds",
        arguments: [("1h", Int64(10_000)), ("5m", 5_000), ("1h 1m", 1_000), ("2s", 33), ("1d none", 0), ("", 0)]
    )
    func pace(windows: String, milliseconds: Int64) throws {
        let conditions = try windows.split(separator: " ").map { window in
            let rest = window == "none" ? "accuracy under 1 on 5 outcomes" : "error rate over 2% for \(window)"
            return try Condition(validating: "\(rest): notify")
        }
        #expect(LookPace.pause(for: conditions).milliseconds == milliseconds)
    }

    @Test("on drift are met when somebody measures it")
    func drift() throws {
        let condition = try Condition(validating: "psi of x over 0.2: request retraining")
        #expect(condition.evidence(in: ArmReading()) == nil)
        #expect(condition.evidence(in: ArmReading(stabilityIndices: ["x": 0.2])) == nil)
        #expect(condition.evidence(in: ArmReading(stabilityIndices: ["x": 0.25]))?.measured == 0.25)
    }
}

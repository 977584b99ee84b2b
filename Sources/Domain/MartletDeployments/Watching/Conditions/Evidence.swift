package import MartletCore
import MartletJSON
import MartletRouting
import MartletStatistics

/// What shows that a condition is met.
package struct Evidence: Sendable, Equatable {
    /// In the measure's unit.
    package let measured: Double
    /// Of how many requests or outcomes.
    package let count: Int64
    /// How many of them failed, where that is measured.
    package let failures: Int64?
}

/// What is known of an arm.
package struct ArmReading: Sendable {
    /// What its requests came to in the windows that have passed since the revision began.
    package var traffic: [TimeSpan: TrafficSums]
    /// How many outcomes there are of each metric, and what they come to.
    package var outcomes: [String: OutcomeTotal]
    /// By feature.
    package var stabilityIndices: [String: Double]

    package init(
        traffic: [TimeSpan: TrafficSums] = [:],
        outcomes: [String: OutcomeTotal] = [:],
        stabilityIndices: [String: Double] = [:]
    ) {
        self.traffic = traffic
        self.outcomes = outcomes
        self.stabilityIndices = stabilityIndices
    }
}

/// What a metric's outcomes come to.
package struct OutcomeTotal: Sendable, Equatable {
    package let count: Int64
    package let sum: Double

    package init(count: Int64, sum: Double) {
        self.count = count
        self.sum = sum
    }
}

extension Condition {
    /// Returns what shows that it is met; `nil` as long as all is well, or too little is known.
    package func evidence(in reading: ArmReading) -> Evidence? {
        guard let evidence = self.measurement(of: reading), evidence.count >= self.minimum,
            self.isMet(by: evidence.measured)
        else { return nil }
        return evidence
    }

    private func measurement(of reading: ArmReading) -> Evidence? {
        switch self.measure {
        case .failureRate:
            guard let sums = self.window.flatMap({ reading.traffic[$0] }), sums.requests > 0 else { return nil }
            return Evidence(measured: sums.failureRate, count: sums.requests, failures: sums.failures)
        case .agreement:
            guard let sums = self.window.flatMap({ reading.traffic[$0] }), let rate = sums.agreementRate else {
                return nil
            }
            return Evidence(measured: rate, count: sums.comparisons, failures: nil)
        case .latency(let quantile):
            guard let sums = self.window.flatMap({ reading.traffic[$0] }),
                let microseconds = sums.latency.quantile(quantile.part)
            else { return nil }
            return Evidence(measured: Double(microseconds) / 1_000, count: sums.requests, failures: nil)
        case .outcome(let metric):
            guard let total = reading.outcomes[metric], total.count > 0 else { return nil }
            return Evidence(measured: total.sum / Double(total.count), count: total.count, failures: nil)
        case .stabilityIndex(let feature):
            return reading.stabilityIndices[feature].map { Evidence(measured: $0, count: 0, failures: nil) }
        }
    }
}

/// A condition that is met by an arm of the revision in force.
package struct Finding: Sendable {
    package let deploymentKey: Int64
    package let deployment: DeploymentName
    package let revision: Int64
    /// The arm's place in the revision.
    package let place: Int
    package let arm: Arm
    package let condition: Condition
    package let evidence: Evidence
    /// Whether it was written down before.
    let isKnown: Bool

    /// As in `error rate of iris@2.5.0 was 12.5% (25 of 200 requests in 5m): error rate over 2% for …`.
    package var sentence: String {
        let measure = self.condition.measure
        let value = measure.text(of: self.evidence.measured)
        return "\(measure.text) of \(self.arm.version.label) was \(value)\(self.sample): \(self.condition.text)"
    }

    private var sample: String {
        let noun = if case .outcome = self.condition.measure { "outcomes" } else { "requests" }
        let failures = self.evidence.failures.map { "\($0) of " } ?? ""
        let window = self.condition.window.map { " in \($0)" } ?? ""
        return self.evidence.count == 0 ? "" : " (\(failures)\(self.evidence.count) \(noun)\(window))"
    }

    /// What the ledger says of it.
    var json: CanonicalJSON {
        var members: [CanonicalJSON.Member] = [
            .init("arm", .string(self.arm.name.rawValue)),
            .init("condition", .string(self.condition.text)),
            .init("count", CanonicalJSON(self.evidence.count)),
            .init("measured", .number(self.evidence.measured)),
            .init("revision", CanonicalJSON(self.revision)),
        ]
        if let failures = self.evidence.failures { members.append(.init("failures", CanonicalJSON(failures))) }
        if let window = self.condition.window { members.append(.init("windowMs", CanonicalJSON(window.milliseconds))) }
        return .object(members)
    }
}

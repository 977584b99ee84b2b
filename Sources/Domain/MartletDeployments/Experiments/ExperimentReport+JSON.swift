import MartletJSON
import MartletRouting
import MartletStatistics

/// What the ledger says of an experiment that ends.
extension ExperimentReport {
    var ledgerDetails: [CanonicalJSON.Member] {
        [
            .init("experiment", CanonicalJSON(self.experiment.number)),
            .init(
                "units",
                .object(self.counts.map { .init($0.arm.rawValue, .number(Double($0.units))) })
            ),
            .init("verdicts", .array(self.readings.map(\.json))),
        ]
    }
}

extension ExperimentReading {
    fileprivate var json: CanonicalJSON {
        .object([
            .init("baseline", .string(self.baseline)), .init("challenger", .string(self.challenger)),
            .init("metrics", .array(self.comparisons.map(\.json))),
            .init("sampleRatioPValue", .finite(self.sampleRatioPValue)),
            .init("sentence", .string(self.sentence)),
            .init("verdict", .string(self.verdict.word)),
        ])
    }
}

extension MetricComparison {
    fileprivate var json: CanonicalJSON {
        .object([
            .init("baseline", self.baseline.json), .init("challenger", self.challenger.json),
            .init("difference", .finite(self.difference)), .init("lower", .finite(self.interval.lower)),
            .init("name", .string(self.metric.name)), .init("pValue", .finite(self.pValue)),
            .init("upper", .finite(self.interval.upper)),
        ])
    }
}

extension OutcomeSummary {
    fileprivate var json: CanonicalJSON {
        .object([.init("count", .number(Double(self.count))), .init("mean", .finite(self.mean))])
    }
}

extension CanonicalJSON {
    /// A number that JSON can spell, or `null`.
    fileprivate static func finite(_ number: Double) -> CanonicalJSON { number.isFinite ? .number(number) : .null }
}

extension Verdict {
    /// What programs call it. The words are part of the ledger, and never change.
    package var word: String {
        switch self {
        case .sampleRatioMismatch: "sampleRatioMismatch"
        case .guardrailViolated: "guardrailViolated"
        case .challengerBetter: "challengerBetter"
        case .baselineBetter: "baselineBetter"
        case .noDifference: "noDifference"
        case .undecided: "undecided"
        }
    }
}

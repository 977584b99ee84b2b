import MartletCore

extension ExperimentReading {
    /// The verdict in one sentence, with the numbers that it rests on.
    package var sentence: String {
        switch self.verdict {
        case .sampleRatioMismatch:
            "The arms did not get the subjects that their shares say (\(PValueText.named(self.sampleRatioPValue))), "
                + "so they cannot be compared."
        case .guardrailViolated(let name):
            self.guardrailSentence(name)
        case .challengerBetter:
            "\(self.challenger) is better than \(self.baseline): \(self.evidence)."
        case .baselineBetter:
            "\(self.baseline) is better than \(self.challenger): \(self.evidence)."
        case .noDifference:
            "\(self.challenger) and \(self.baseline) differ by no more than \(self.goal.metric.margin.brief): "
                + "\(self.evidence)."
        case .undecided:
            self.undecidedSentence
        }
    }

    private var undecidedSentence: String {
        let missing = self.plan.minimumSample
        if self.goal.smallestCount < missing {
            return "Undecided: each arm needs \(missing) outcomes; \(self.baseline) has \(self.goal.baseline.count) "
                + "and \(self.challenger) has \(self.goal.challenger.count)."
        }
        if self.goal.gain.lower > 0 {
            let names = self.openGuardrails.joined(separator: ", ")
            return "Undecided: \(self.challenger) is better than \(self.baseline), but it is not yet known whether it "
                + "keeps to the margin of \(names): \(self.evidence)."
        }
        return "Undecided between \(self.baseline) and \(self.challenger): \(self.evidence)."
    }

    private func guardrailSentence(_ name: String) -> String {
        guard let guardrail = self.comparisons.first(where: { $0.metric.name == name }) else { return "" }
        return "\(self.challenger) makes \(name) worse than \(self.baseline) by more than "
            + "\(guardrail.metric.margin.brief): \(self.evidence(guardrail))."
    }

    private var evidence: String { self.evidence(self.goal) }

    /// The means, the interval of their difference and the p-value.
    private func evidence(_ comparison: MetricComparison) -> String {
        let confidence = "\(((1 - self.plan.alpha) * 100).brief)%"
        return "\(comparison.metric.name) is \(Self.mean(comparison.challenger)) against "
            + "\(Self.mean(comparison.baseline)), a difference of \(comparison.difference.brief), which is between "
            + "\(comparison.interval.lower.brief) and \(comparison.interval.upper.brief) with a confidence of "
            + "\(confidence) (\(PValueText.named(comparison.pValue)))"
    }

    private static func mean(_ summary: OutcomeSummary) -> String {
        "\(summary.mean.brief) in \(summary.count)"
    }
}

/// An experiment with what it says by now.
public struct ExperimentReportRecord: Codable, Sendable {
    public var experiment: ExperimentRecord
    /// One for each challenger.
    public var verdicts: [VerdictRecord]
    /// How many subjects each arm has got; decisions, where they are about nobody.
    public var subjects: [String: Int64]
    /// Of "arms get the subjects that their shares say".
    public var sampleRatioPValue: Double

    package init(
        experiment: ExperimentRecord,
        verdicts: [VerdictRecord],
        subjects: [String: Int64],
        sampleRatioPValue: Double
    ) {
        self.experiment = experiment
        self.verdicts = verdicts
        self.subjects = subjects
        self.sampleRatioPValue = sampleRatioPValue
    }
}

/// What an experiment says of one challenger.
public struct VerdictRecord: Codable, Sendable {
    public var challenger: String
    /// `sampleRatioMismatch`, `guardrailViolated`, `challengerBetter`, `baselineBetter`, `noDifference` or `undecided`.
    public var verdict: String
    /// The guardrail that is violated.
    public var guardrail: String?
    /// The verdict in one sentence, with the numbers that it rests on.
    public var sentence: String
    /// The goal's, and then those of the guardrails.
    public var metrics: [MetricComparisonRecord]

    package init(
        challenger: String,
        verdict: String,
        guardrail: String?,
        sentence: String,
        metrics: [MetricComparisonRecord]
    ) {
        self.challenger = challenger
        self.verdict = verdict
        self.guardrail = guardrail
        self.sentence = sentence
        self.metrics = metrics
    }
}

/// What is known of the difference that a challenger makes to one metric.
public struct MetricComparisonRecord: Codable, Sendable {
    public var name: String
    public var baselineCount: Int64
    public var baselineMean: Double
    public var challengerCount: Int64
    public var challengerMean: Double
    /// The challenger's mean less that of the baseline.
    public var difference: Double
    /// The true difference is not less; absent when it can be anything.
    public var lower: Double?
    /// The true difference is not more; absent when it can be anything.
    public var upper: Double?
    /// Of "there is no difference".
    public var pValue: Double

    package init(
        name: String,
        baselineCount: Int64,
        baselineMean: Double,
        challengerCount: Int64,
        challengerMean: Double,
        difference: Double,
        lower: Double?,
        upper: Double?,
        pValue: Double
    ) {
        self.name = name
        self.baselineCount = baselineCount
        self.baselineMean = baselineMean
        self.challengerCount = challengerCount
        self.challengerMean = challengerMean
        self.difference = difference
        self.lower = lower
        self.upper = upper
        self.pValue = pValue
    }
}

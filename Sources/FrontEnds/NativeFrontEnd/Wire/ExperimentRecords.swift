import MartletCore
import MartletDeployments
import MartletRouting
import MartletStatistics
import MartletWire

extension ExperimentReportRecord {
    init(_ report: ExperimentReport) {
        var subjects: [String: Int64] = [:]
        for count in report.counts { subjects[count.arm.rawValue] = Int64(count.units) }
        self.init(
            experiment: ExperimentRecord(report.experiment),
            verdicts: report.readings.map { VerdictRecord($0) },
            subjects: subjects,
            sampleRatioPValue: report.readings.first?.sampleRatioPValue ?? 1
        )
    }
}

extension ExperimentRecord {
    init(_ experiment: DeploymentExperiment) {
        let (plan, arms) = (experiment.design.plan, experiment.design.arms.map { ExperimentArmRecord($0) })
        self.init(
            number: experiment.number,
            baseline: arms[0],
            challengers: Array(arms.dropFirst()),
            goal: MetricPlan(plan.goal),
            guardrails: plan.guardrails.map { MetricPlan($0) },
            alpha: plan.alpha,
            minimumSample: Int64(clamping: plan.minimumSample),
            tightestAt: plan.tightestAt,
            firstRevision: experiment.firstRevision,
            actor: experiment.act.actor.rawValue,
            reason: experiment.act.reason,
            startedAt: experiment.startedAt.text,
            ledgerEntry: experiment.entry,
            stopped: experiment.end.map { ExperimentEndRecord($0) }
        )
    }
}

extension ExperimentArmRecord {
    fileprivate init(_ arm: ExperimentArm) {
        self.init(name: arm.name.rawValue, digest: arm.digest.description)
    }
}

extension ExperimentEndRecord {
    fileprivate init(_ end: DeploymentExperiment.End) {
        self.init(actor: end.act.actor.rawValue, reason: end.act.reason, at: end.at.text, ledgerEntry: end.entry)
    }
}

extension MetricPlan {
    fileprivate init(_ metric: ExperimentMetric) {
        var range: ClosedRange<Double>?
        if case .bounded(let bounds) = metric.outcomes { range = bounds }
        self.init(
            name: metric.name,
            values: metric.outcomes.word,
            from: range?.lowerBound,
            to: range?.upperBound,
            better: metric.direction == .higherIsBetter ? "higher" : "lower",
            margin: metric.margin
        )
    }
}

extension VerdictRecord {
    fileprivate init(_ reading: ExperimentReading) {
        var guardrail: String?
        if case .guardrailViolated(let name) = reading.verdict { guardrail = name }
        self.init(
            challenger: reading.challenger,
            verdict: reading.verdict.word,
            guardrail: guardrail,
            sentence: reading.sentence,
            metrics: reading.comparisons.map { MetricComparisonRecord($0) }
        )
    }
}

extension MetricComparisonRecord {
    fileprivate init(_ comparison: MetricComparison) {
        let interval = comparison.interval
        self.init(
            name: comparison.metric.name,
            baselineCount: Int64(comparison.baseline.count),
            baselineMean: comparison.baseline.mean,
            challengerCount: Int64(comparison.challenger.count),
            challengerMean: comparison.challenger.mean,
            difference: comparison.difference,
            lower: interval.lower.isFinite ? interval.lower : nil,
            upper: interval.upper.isFinite ? interval.upper : nil,
            pValue: comparison.pValue
        )
    }
}

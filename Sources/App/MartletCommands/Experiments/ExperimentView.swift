import MartletCore
import MartletWire

/// How experiments look.
enum ExperimentView {
    static func report(_ report: ExperimentReportRecord, of deployment: String, _ screen: inout Screen) {
        let experiment = report.experiment
        for verdict in report.verdicts {
            screen.line(Cell(verdict.sentence, self.tone(verdict.verdict)))
        }
        screen.line()
        screen.line(.faint("experiment \(experiment.number) of \(deployment), \(self.story(experiment))"))
        self.arms(report, &screen)
        for verdict in report.verdicts { self.metrics(verdict, experiment, &screen) }
    }

    static func list(_ experiments: [ExperimentRecord], _ screen: inout Screen) {
        let rows: [[Cell]] = experiments.map { experiment in
            let challengers = experiment.challengers.map(\.name).joined(separator: ", ")
            return [
                .strong("\(experiment.number)"), "\(experiment.goal.name)", "\(experiment.baseline.name)",
                "\(challengers)", .faint(self.story(experiment)),
            ]
        }
        screen.table(["NUMBER", "GOAL", "BASELINE", "CHALLENGERS", ""], rows)
    }

    private static func arms(_ report: ExperimentReportRecord, _ screen: inout Screen) {
        let arms = [report.experiment.baseline] + report.experiment.challengers
        let rows: [[Cell]] = arms.enumerated().map { index, arm in
            let count = report.subjects[arm.name] ?? 0
            return [.strong(arm.name), "\(index == 0 ? "baseline" : "challenger")", "\(count)"]
        }
        screen.table(["ARM", "", "SUBJECTS"], rows, indent: 2)
    }

    private static func metrics(_ verdict: VerdictRecord, _ experiment: ExperimentRecord, _ screen: inout Screen) {
        let rows: [[Cell]] = verdict.metrics.map { metric in
            [
                .strong(metric.name), "\(self.mean(metric.baselineMean, metric.baselineCount))",
                "\(self.mean(metric.challengerMean, metric.challengerCount))",
                "\(metric.difference.brief)", "\(self.interval(metric))", "\(PValueText.alone(metric.pValue))",
            ]
        }
        let header = ["METRIC", experiment.baseline.name, verdict.challenger, "DIFFERENCE", "IS BETWEEN", "P"]
        screen.table(header, rows, indent: 2)
    }

    private static func mean(_ mean: Double, _ count: Int64) -> String {
        count == 0 ? "-" : "\(mean.brief) in \(count)"
    }

    private static func interval(_ metric: MetricComparisonRecord) -> String {
        guard let lower = metric.lower, let upper = metric.upper else { return "-" }
        return "\(lower.brief) and \(upper.brief)"
    }

    private static func story(_ experiment: ExperimentRecord) -> String {
        let start = "started by \(experiment.actor) at \(Moment.short(experiment.startedAt))"
        guard let end = experiment.stopped else { return start }
        return "\(start), stopped by \(end.actor) at \(Moment.short(end.at))"
    }

    private static func tone(_ verdict: String) -> Cell.Tone {
        switch verdict {
        case "challengerBetter", "noDifference": .good
        case "baselineBetter", "guardrailViolated": .bad
        case "sampleRatioMismatch": .warning
        default: .plain
        }
    }
}

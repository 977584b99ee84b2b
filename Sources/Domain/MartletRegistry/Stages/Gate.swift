import MartletCore

/// Whether a version may enter a stage, gate by gate.
package struct GateVerdict: Sendable, Hashable {
    package struct Gate: Sendable, Hashable {
        /// As in `capture:signature`, `metric:accuracy`, `regression:accuracy`, `approvals`.
        package let name: String
        package let isOpen: Bool
        /// By how much it is open or closed.
        package let message: String
    }

    package let stage: StageName
    package let mode: StageGates.Mode
    package let gates: [Gate]

    /// Whether every gate is open.
    package var isOpen: Bool { self.gates.allSatisfy(\.isOpen) }

    package var closed: [Gate] { self.gates.filter { !$0.isOpen } }

    /// What to tell whoever is refused.
    var refusal: String {
        let reasons = self.closed.map { "\($0.name): \($0.message)" }.joined(separator: "; ")
        return "The gates of '\(self.stage)' are closed. \(reasons)."
    }
}

/// What gates look at.
struct GateEvidence {
    let captured: Set<CaptureItem>
    let metrics: [MeasuredMetric]
    /// Of the version in production; `nil` when there is none, or when it is the same one.
    let production: (name: String, metrics: [MeasuredMetric])?
    /// Names of those who approved, without the author.
    let approvers: [String]

    func verdict(on stage: StageName, _ gates: StageGates) -> GateVerdict {
        var results = gates.requires.map(self.capture)
        results += gates.thresholds.map(self.threshold)
        results += gates.regressions.map(self.regression)
        if gates.approvals > 0 { results.append(self.approvals(gates.approvals)) }
        return GateVerdict(stage: stage, mode: gates.mode, gates: results)
    }

    private func capture(_ item: CaptureItem) -> GateVerdict.Gate {
        if item == .metric, !self.captured.contains(item), let late = self.metrics.first {
            let message = "\(late.name) = \(late.value.brief)\(late.circumstances)"
            return GateVerdict.Gate(name: "capture:\(item.rawValue)", isOpen: true, message: message)
        }
        let isOpen = self.captured.contains(item)
        let message = isOpen ? "captured" : "not captured; \(item.remedy)"
        return GateVerdict.Gate(name: "capture:\(item.rawValue)", isOpen: isOpen, message: message)
    }

    /// With several datasets, and none that the gate names, all must do.
    private func threshold(_ threshold: StageGates.Threshold) -> GateVerdict.Gate {
        let name = "metric:\(threshold.metric)"
        let measured = self.metrics.filter { metric in
            metric.name == threshold.metric && (threshold.dataset ?? metric.datasetDigest) == metric.datasetDigest
        }
        guard !measured.isEmpty else {
            let place = threshold.dataset.map { " on dataset \($0)" } ?? ""
            return GateVerdict.Gate(name: name, isOpen: false, message: "it was not measured\(place)")
        }
        for metric in measured {
            if let min = threshold.min, metric.value < min {
                let message =
                    "\(metric.value.brief) is \((min - metric.value).brief) below \(min.brief)\(metric.circumstances)"
                return GateVerdict.Gate(name: name, isOpen: false, message: message)
            }
            if let max = threshold.max, metric.value > max {
                let message =
                    "\(metric.value.brief) is \((metric.value - max).brief) above \(max.brief)\(metric.circumstances)"
                return GateVerdict.Gate(name: name, isOpen: false, message: message)
            }
        }
        let values = measured.map { "\($0.value.brief)\($0.circumstances)" }.joined(separator: ", ")
        return GateVerdict.Gate(name: name, isOpen: true, message: values)
    }

    private func regression(_ regression: StageGates.Regression) -> GateVerdict.Gate {
        let name = "regression:\(regression.metric)"
        guard let production else {
            return GateVerdict.Gate(name: name, isOpen: true, message: "there is nothing in production to compare with")
        }
        let old = production.metrics.filter { $0.name == regression.metric }
        guard !old.isEmpty else {
            return GateVerdict.Gate(name: name, isOpen: true, message: "\(production.name) was not measured by it")
        }
        var compared: [String] = []
        for metric in self.metrics where metric.name == regression.metric {
            guard let before = old.first(where: { $0.isOnSameDataset(as: metric) }) else { continue }
            let gain = regression.better.gain(from: before.value, to: metric.value)
            let comparison =
                "\(metric.value.brief), \(production.name) has \(before.value.brief)\(metric.circumstances)"
            guard gain >= -regression.margin else {
                let message = "\(comparison): worse by \((-gain).brief), at most \(regression.margin.brief) is allowed"
                return GateVerdict.Gate(name: name, isOpen: false, message: message)
            }
            compared.append(comparison)
        }
        guard !compared.isEmpty else {
            let message = "it was not measured on a dataset that \(production.name) was measured on"
            return GateVerdict.Gate(name: name, isOpen: false, message: message)
        }
        return GateVerdict.Gate(name: name, isOpen: true, message: compared.joined(separator: "; "))
    }

    private func approvals(_ count: Int) -> GateVerdict.Gate {
        let given = self.approvers.isEmpty ? "nobody" : self.approvers.joined(separator: ", ")
        let message = "\(self.approvers.count) of \(count) others than the author approved: \(given)"
        return GateVerdict.Gate(name: "approvals", isOpen: self.approvers.count >= count, message: message)
    }
}

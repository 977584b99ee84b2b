import MartletDeployments
import MartletRouting

/// What deployments have done, for Prometheus: text format 0.0.4.
enum TrafficMetrics {
    private static let histogram = "martlet_deployment_request_seconds"
    private static let counter = "martlet_deployment_requests_total"

    private static let shadows = "martlet_deployment_shadow_answers_total"

    static func prometheusText(_ totals: TrafficTotals) -> String {
        let series = totals.series.map { (labels: self.text($0.key), series: $0.value) }.sorted {
            $0.labels < $1.labels
        }
        var text = "# HELP \(self.counter) Requests to deployments, by how they ended.\n"
        text += "# TYPE \(self.counter) counter\n"
        for (labels, series) in series {
            for ending in TrafficSums.Ending.allCases {
                let count = series.counts[Int(ending.rawValue)]
                text += "\(self.counter){\(labels),ending=\"\(self.word(ending))\"} \(count)\n"
            }
        }
        text += "# HELP \(self.shadows) Answers of shadows, by how they compare with those that were returned.\n"
        text += "# TYPE \(self.shadows) counter\n"
        for (labels, series) in series where !series.agreements.isEmpty {
            for agreement in Agreement.allCases {
                let count = series.agreements[agreement, default: 0]
                text += "\(self.shadows){\(labels),agreement=\"\(agreement.rawValue)\"} \(count)\n"
            }
        }
        text += "# HELP \(self.histogram) How long they took, from head to the answer's end.\n"
        text += "# TYPE \(self.histogram) histogram\n"
        for (labels, series) in series {
            let count = series.counts.reduce(0, +)
            for (bound, count) in zip(TrafficTotals.bounds, series.buckets) {
                text += "\(self.histogram)_bucket{\(labels),le=\"\(bound)\"} \(count)\n"
            }
            text += "\(self.histogram)_bucket{\(labels),le=\"+Inf\"} \(count)\n"
            text += "\(self.histogram)_sum{\(labels)} \(series.seconds)\n"
            text += "\(self.histogram)_count{\(labels)} \(count)\n"
        }
        return text
    }

    private static func word(_ ending: TrafficSums.Ending) -> String {
        switch ending {
        case .answered: "answered"
        case .refused: "refused"
        case .failed: "failed"
        }
    }

    /// What has no labels of its own is what came beyond the limit of series; no deployment is called that.
    private static func text(_ labels: TrafficTotals.Labels?) -> String {
        let arm = self.quoted(labels?.arm.rawValue ?? "*")
        return "deployment=\"\(labels?.deployment.rawValue ?? "*")\",arm=\"\(arm)\""
    }

    private static func quoted(_ text: String) -> String {
        text.reduce(into: "") { quoted, character in
            if character == "\\" || character == "\"" { quoted.append("\\") }
            quoted.append(character)
        }
    }
}

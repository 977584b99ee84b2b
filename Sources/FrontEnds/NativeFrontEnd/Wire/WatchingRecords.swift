import MartletCore
import MartletDeployments
import MartletRouting
import MartletStatistics
import MartletWire

extension TrafficRecord {
    init(_ report: TrafficReport) {
        self.init(
            since: report.since.text,
            until: report.until.text,
            arms: report.arms.map { ArmTrafficRecord($0, seconds: report.seconds) }
        )
    }
}

extension ArmTrafficRecord {
    fileprivate init(_ traffic: ArmTraffic, seconds: Double) {
        let sums = traffic.sums
        self.init(
            arm: ArmRecord(traffic.arm),
            firstRevision: traffic.revisions.lowerBound,
            lastRevision: traffic.revisions.upperBound,
            requests: sums.requests,
            failures: sums.failures,
            refusals: sums.refusals,
            agreements: sums.agreements,
            differences: sums.differences,
            agreementRate: sums.agreementRate,
            requestsPerSecond: Double(sums.requests) / seconds,
            errorRate: sums.failureRate,
            latencyMicroseconds: LatencyRecord(sums.latency)
        )
    }
}

extension FindingRecord {
    init(_ finding: PastFinding) {
        self.init(
            revision: finding.revision,
            arm: ArmRecord(finding.arm),
            condition: finding.condition,
            measured: finding.measured,
            count: finding.count,
            failures: finding.failures,
            remark: finding.remark,
            at: finding.at.text
        )
    }
}

extension LatencyRecord {
    fileprivate init(_ latency: LatencyHistogram) {
        let quantile = { (part: Double) in latency.quantile(part).map(Int64.init(clamping:)) ?? 0 }
        self.init(
            p50: quantile(0.5),
            p90: quantile(0.9),
            p99: quantile(0.99),
            max: Int64(clamping: latency.maximum)
        )
    }
}

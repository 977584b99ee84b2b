import MartletCore
import MartletStatistics

/// What the gateway measures itself of every decision. The words are part of plans, and never change.
enum GatewayMetric: String, CaseIterable {
    case error = "gateway.error"
    case latency = "gateway.latency"

    /// What the names of all that it measures, now or ever, begin with.
    static let prefix = "gateway."

    /// What is known of its values.
    var outcomes: ExperimentMetric.Outcomes {
        switch self {
        case .error: .proportion
        case .latency: .unbounded
        }
    }

    /// 1 for an answer that was 5xx or none and else 0; the seconds from the request's head to the answer's end.
    func value(of decision: Decision) -> Double {
        switch self {
        case .error: Decision.isFailure(status: decision.status, decision.failure) ? 1 : 0
        case .latency: Double(max(0, decision.latencyMicroseconds)) / 1_000_000
        }
    }
}

import MartletDeployments

/// What gateways could not tell of the requests that they have passed on, for Prometheus: text format 0.0.4.
enum GatewayLogMetrics {
    static func prometheusText(_ logs: GatewayLogs) -> String {
        [
            ("decisions", "Records of decisions that could not be written in time.", logs.decisions.droppedCount),
            ("traffic_requests", "Requests that were not counted by deployment.", logs.meter.droppedCount),
            ("experiment_units", "Decisions that experiments did not count.", logs.units.droppedCount),
            ("drift_samples", "Decisions whose features were not counted.", logs.drift.droppedCount),
            ("payloads", "Requests with their answers that were not kept.", logs.payloads.droppedCount),
        ].map(self.counter).joined()
    }

    private static func counter(_ what: String, _ help: String, _ count: Int) -> String {
        let name = "martlet_\(what)_dropped_total"
        return """
            # HELP \(name) \(help)
            # TYPE \(name) counter
            \(name) \(count)

            """
    }
}

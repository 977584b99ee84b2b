import MartletDeployments

/// What became of the records of decisions, for Prometheus: text format 0.0.4.
enum DecisionMetrics {
    private static let dropped = "martlet_decisions_dropped_total"

    static func prometheusText(_ log: DecisionLog) -> String {
        """
        # HELP \(self.dropped) Records of decisions that could not be written in time.
        # TYPE \(self.dropped) counter
        \(self.dropped) \(log.droppedCount)

        """
    }
}

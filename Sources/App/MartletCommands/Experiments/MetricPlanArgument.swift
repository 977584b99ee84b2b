import ArgumentParser
package import MartletWire

/// A metric of an experiment, as in `stars:1..5:margin=0.1`.
package struct MetricPlanArgument: ExplainedArgument, Sendable {
    static let spelling = "NAME, as in resolved, or NAME and what is not usual, as in stars:1..5:margin=0.1"

    static let explanation =
        "A metric is its name and then, divided by colons, what is not usual about it: unbounded or FROM..TO for its "
        + "values, higher or lower for what is better, margin=NUMBER for what does not matter."

    package let plan: MetricPlan

    package init?(argument: String) {
        let parts = argument.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard let name = parts.first, !name.isEmpty else { return nil }
        var plan = MetricPlan(name: name)
        for part in parts.dropFirst() {
            guard Self.apply(part, to: &plan) else { return nil }
        }
        self.plan = plan
    }

    /// Returns whether a part says something that was not said before.
    private static func apply(_ part: String, to plan: inout MetricPlan) -> Bool {
        switch part {
        case "higher", "lower":
            guard plan.better == nil else { return false }
            plan.better = part
        case "proportion", "unbounded":
            guard plan.values == nil else { return false }
            plan.values = part
        default:
            if let margin = self.value(of: "margin=", in: part), plan.margin == nil {
                plan.margin = margin
            } else if let (from, to) = self.range(part), plan.values == nil {
                (plan.values, plan.from, plan.to) = ("bounded", from, to)
            } else {
                return false
            }
        }
        return true
    }

    private static func value(of name: String, in part: String) -> Double? {
        part.hasPrefix(name) ? self.number(part.dropFirst(name.count)) : nil
    }

    private static func range(_ part: String) -> (Double, Double)? {
        // Three dots are not two and a number that begins with one.
        guard let dots = part.firstRange(of: ".."), part[dots.upperBound...].first != ".",
            let from = self.number(part[..<dots.lowerBound]), let to = self.number(part[dots.upperBound...]), from < to
        else { return nil }
        return (from, to)
    }

    /// JSON has no others.
    private static func number(_ text: Substring) -> Double? { Double(text).flatMap { $0.isFinite ? $0 : nil } }
}

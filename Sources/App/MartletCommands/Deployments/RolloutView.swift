import MartletWire

/// How roll-outs look.
enum RolloutView {
    static func rollout(_ rollout: RolloutRecord, _ screen: inout Screen) {
        screen.line(.strong(rollout.arm), " in \(rollout.deployment): ", self.state(rollout))
        let steps = rollout.steps.enumerated().map { place, parts in
            let share = "\(Amount.value(Double(parts) / 10_000))%"
            return place < rollout.stepsDone ? "\(share) ✓" : share
        }
        var rows: [[Cell]] = [["steps", "\(steps.joined(separator: ", "))"]]
        if let reason = rollout.waitsFor { rows.append(["waits for", "\(Moment.shortened(in: reason))"]) }
        if let revision = rollout.revision { rows.append(["revision", "\(revision)"]) }
        for condition in rollout.conditions ?? [] { rows.append(["when", "\(condition)"]) }
        let reason = rollout.reason.map { ": \($0)" } ?? ""
        rows.append(["begun", "by \(rollout.actor) at \(Moment.short(rollout.createdAt))\(reason)"])
        if let remark = rollout.remark { rows.append(["remark", .warning(Moment.shortened(in: remark))]) }
        screen.table(nil, rows, indent: 2)
    }

    private static func state(_ rollout: RolloutRecord) -> Cell {
        switch rollout.state {
        case "done": .good(rollout.state)
        case "paused": .warning(rollout.state)
        case "aborted": .bad(rollout.state)
        case "scheduled": "scheduled for \(Moment.short(rollout.dueAt))"
        default: "\(rollout.state)"
        }
    }
}

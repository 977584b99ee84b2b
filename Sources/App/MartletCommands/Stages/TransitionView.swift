package import MartletWire

/// How transitions and gates look.
package enum TransitionView {
    static func result(_ result: TransitionResult, _ screen: inout Screen) {
        let version = result.version
        screen.line(.strong(VersionView.name(version)), " is in ", VersionView.stage(version.stage), " now")
        for other in result.archived { screen.line(.faint("  archived \(VersionView.name(other))")) }
        if !result.gates.passed { self.gates(result.gates, &screen) }
    }

    package static func gates(_ report: GateReport, _ screen: inout Screen) {
        let warns = report.mode == "warn"
        if report.passed {
            screen.line(.good("open: "), "nothing keeps it out of \(report.stage)")
        } else if warns {
            screen.line(.warning("warning: "), "gates of \(report.stage) are closed, but the policy only warns")
        } else {
            screen.line(.bad("closed: "), "it may not enter \(report.stage)")
        }
        let rows: [[Cell]] = report.gates.map { gate in
            [gate.passed ? .good("✓") : warns ? .warning("!") : .bad("✗"), "\(gate.gate)", "\(gate.message)"]
        }
        screen.table(nil, rows, indent: 2)
    }
}

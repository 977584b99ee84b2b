import MartletWire

/// How the differences of two versions look.
enum DiffView {
    static func report(_ report: DiffReport, _ screen: inout Screen) {
        let from = VersionView.name(report.fromModel, report.from.number, report.from.semanticVersion)
        let to = VersionView.name(report.toModel, report.to.number, report.to.semanticVersion)
        screen.line(.strong(from), " to ", .strong(to))
        screen.section("signature", nil, report.signature.map { [.warning($0)] })
        self.metrics(report.metrics, &screen)
        self.values("hyperparameters", report.hyperparameters, &screen)
        self.values("datasets", report.datasets, &screen)
        self.values("code", report.code, &screen)
        self.values("packages", report.packages, &screen)
        self.files(report, &screen)
        self.tensors(report, &screen)
    }

    private static func values(_ title: String, _ changes: [ValueChange], _ screen: inout Screen) {
        let rows: [[Cell]] = changes.map { change in
            [
                self.mark(change.from != nil, change.to != nil), "\(change.name)",
                "\(self.arrow(change.from, change.to))",
            ]
        }
        screen.section(title, nil, rows)
    }

    private static func metrics(_ changes: [MetricChange], _ screen: inout Screen) {
        let rows: [[Cell]] = changes.map { change in
            [
                self.verdict(change.verdict), "\(change.name)", "\(change.dataset.map { "on \($0)" } ?? "")",
                "\(self.arrow(change.from.map(Amount.value), change.to.map(Amount.value)))",
                .faint(change.relative.map(Amount.percent) ?? ""),
            ]
        }
        screen.section("metrics", nil, rows)
    }

    private static func files(_ report: DiffReport, _ screen: inout Screen) {
        var rows: [[Cell]] = report.files.map { change in
            let sizes = self.arrow(change.fromSize.map(Amount.bytes), change.toSize.map(Amount.bytes))
            return [self.change(change.change), "\(change.path)", "\(change.role)", "\(sizes)"]
        }
        if report.sameFileCount > 0 {
            rows.append(["", .faint("\(Amount.count(report.sameFileCount, "file")) the same")])
        }
        screen.section("files", nil, rows)
    }

    private static func tensors(_ report: DiffReport, _ screen: inout Screen) {
        var rows: [[Cell]] = report.tensors.map { change in
            [
                self.change(change.change), "\(change.name)", "\(self.arrow(change.from, change.to))",
                .faint(change.file),
            ]
        }
        if report.sameTensorCount > 0 {
            rows.append(["", .faint("\(Amount.count(report.sameTensorCount, "tensor")) the same")])
        }
        screen.section("tensors", nil, rows)
    }

    private static func arrow(_ from: String?, _ to: String?) -> String {
        switch (from, to) {
        case (let from?, let to?): from == to ? from : "\(from) → \(to)"
        case (let from?, nil): from
        case (nil, let to?): to
        case (nil, nil): ""
        }
    }

    private static func mark(_ wasThere: Bool, _ isThere: Bool) -> Cell {
        switch (wasThere, isThere) {
        case (false, true): .good("+")
        case (true, false): .bad("-")
        default: .warning("~")
        }
    }

    private static func change(_ change: String) -> Cell {
        switch change {
        case "added": .good("+")
        case "removed": .bad("-")
        default: .warning("~")
        }
    }

    private static func verdict(_ verdict: String) -> Cell {
        switch verdict {
        case "better": .good(verdict)
        case "worse": .bad(verdict)
        default: Cell(verdict)
        }
    }
}

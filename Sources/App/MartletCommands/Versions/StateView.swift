import MartletWire

/// How the past looks.
enum StateView {
    static func model(_ state: ModelState, _ screen: inout Screen) {
        screen.line(.strong(state.model), .faint(" at \(Moment.short(state.at))"))
        guard state.exists else { return screen.line("  there was no such model") }
        screen.table(nil, VersionView.rows([("description", state.description)]), indent: 2)
        let rows: [[Cell]] = state.versions.map { version in
            [
                .strong(version.semanticVersion ?? "-"), "\(version.number)", VersionView.stage(version.stage),
                "\(self.aliases(of: version, state))", version.isDeleted ? .warning("deleted") : "",
                "\(self.move(version))",
            ]
        }
        screen.section("versions", ["VERSION", "NUMBER", "STAGE", "ALIASES", "", "MOVED"], rows)
        VersionView.tags(state.tags, &screen)
    }

    static func version(
        _ version: VersionState,
        of state: ModelState,
        _ record: VersionRecord?,
        _ screen: inout Screen
    ) {
        let name = VersionView.name(state.model, version.number, version.semanticVersion)
        screen.line(.strong(name), .faint(" at \(Moment.short(state.at))"))
        let aliases = self.aliases(of: version, state)
        var rows: [[Cell]] = [[.faint("stage"), VersionView.stage(version.stage)]]
        rows += VersionView.rows([
            ("moved by", version.movedBy), ("moved at", version.movedAt.map(Moment.short)),
            ("reason", version.moveReason), ("aliases", aliases.isEmpty ? nil : aliases),
            ("deleted", version.isDeleted ? "yes" : nil), ("description", version.description),
            ("digest", version.digest.map { "sha256:\($0)" }), ("seal", record.map { VersionView.seal($0.seal) }),
            ("author", record?.author), ("source", record?.source), ("run", record?.runId),
            ("created", record.map { Moment.short($0.createdAt) }),
        ])
        screen.table(nil, rows, indent: 2)
        VersionView.tags(version.tags, &screen)
    }

    private static func aliases(of version: VersionState, _ state: ModelState) -> String {
        state.aliases.filter { $0.value == version.number }.keys.sorted().joined(separator: ", ")
    }

    private static func move(_ version: VersionState) -> String {
        guard let movedAt = version.movedAt else { return "" }
        let reason = version.moveReason.map { ": \($0)" } ?? ""
        return "\(Moment.short(movedAt)) by \(version.movedBy ?? "?")\(reason)"
    }
}

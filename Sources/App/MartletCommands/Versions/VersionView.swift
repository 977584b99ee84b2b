import MartletWire

/// How versions look.
enum VersionView {
    /// As in `iris@1.2.0 (4)`.
    static func name(_ version: VersionRecord) -> String {
        self.name(version.model, version.number, version.semanticVersion)
    }

    static func name(_ model: String, _ number: Int64, _ semanticVersion: String?) -> String {
        semanticVersion.map { "\(model)@\($0) (\(number))" } ?? "\(model)@\(number)"
    }

    /// As in `1.2.0 (4)`.
    static func name(_ name: VersionName) -> String {
        name.semanticVersion.map { "\($0) (\(name.number))" } ?? "\(name.number)"
    }

    /// As in `sealed: 3 files, 1.5 MiB`.
    static func seal(_ seal: SealRecord) -> String {
        let reason = seal.reason.map { " (\($0))" } ?? ""
        return "\(seal.state)\(reason): \(Amount.count(seal.fileCount, "file")), \(Amount.bytes(seal.byteCount))"
    }

    static func stage(_ stage: String) -> Cell {
        switch stage.lowercased() {
        case "production": .good(stage)
        case "staging": .warning(stage)
        case "archived": .faint(stage)
        default: Cell(stage)
        }
    }

    static func facts(_ version: VersionRecord, _ screen: inout Screen) {
        screen.line(.strong(self.name(version)))
        var rows: [[Cell]] = [["stage", self.stage(version.stage)]]
        rows += self.rows([
            ("aliases", version.aliases.isEmpty ? nil : version.aliases.sorted().joined(separator: ", ")),
            ("numbered", self.reasons(version)),
            ("digest", version.digest.map { "sha256:\($0)" }), ("seal", self.seal(version.seal)),
            ("author", version.author), ("description", version.description), ("source", version.source),
            ("run", version.runId), ("logged model", version.loggedModelId),
            ("follows", version.parent.map { "\($0)" }),
            ("created", Moment.short(version.createdAt)), ("updated", Moment.short(version.updatedAt)),
            ("deleted", version.deletedAt.map(Moment.short)), ("purged", version.purgedAt.map(Moment.short)),
            ("legal hold", version.legalHold),
        ])
        screen.table(nil, rows, indent: 2)
        self.tags(version.tags, &screen)
    }

    /// Why it is this semantic version and no other.
    private static func reasons(_ version: VersionRecord) -> String? {
        version.semanticVersionReasons.isEmpty ? nil : version.semanticVersionReasons.joined(separator: "; ")
    }

    static func tags(_ tags: [String: String], _ screen: inout Screen) {
        screen.section("tags", nil, tags.sorted { $0.key < $1.key }.map { ["\($0.key)", "\($0.value)"] })
    }

    /// A row for each fact that there is.
    static func rows(_ facts: [(name: String, value: String?)]) -> [[Cell]] {
        facts.compactMap { fact in fact.value.map { [.faint(fact.name), Cell($0)] } }
    }

    static func table(_ versions: [VersionRecord], _ screen: inout Screen) {
        let rows: [[Cell]] = versions.map { version in
            [
                .strong(version.semanticVersion ?? "-"), "\(version.number)", self.stage(version.stage),
                "\(version.aliases.sorted().joined(separator: ", "))", self.state(version),
                "\(Amount.bytes(version.seal.byteCount))", "\(version.author)", "\(Moment.short(version.createdAt))",
            ]
        }
        screen.table(["VERSION", "NUMBER", "STAGE", "ALIASES", "STATE", "SIZE", "AUTHOR", "CREATED"], rows)
    }

    private static func state(_ version: VersionRecord) -> Cell {
        if version.purgedAt != nil { return .bad("purged") }
        if version.deletedAt != nil { return .warning("deleted") }
        return version.seal.state == "sealed" ? .good("sealed") : .warning(version.seal.state)
    }
}

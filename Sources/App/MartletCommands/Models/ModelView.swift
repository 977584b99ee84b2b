import MartletWire

/// How models look.
enum ModelView {
    static func facts(_ model: ModelRecord, _ screen: inout Screen) {
        screen.line(.strong(model.name))
        let rows = VersionView.rows([
            ("description", model.description), ("created", Moment.short(model.createdAt)),
            ("updated", Moment.short(model.updatedAt)),
        ])
        screen.table(nil, rows, indent: 2)
        let stages: [[Cell]] = model.stages.sorted { $0.key < $1.key }.map { stage, version in
            [VersionView.stage(stage), "\(VersionView.name(version))"]
        }
        screen.section("stages", nil, stages)
        screen.section("aliases", nil, self.aliases(model))
        VersionView.tags(model.tags, &screen)
    }

    static func aliases(_ model: ModelRecord) -> [[Cell]] {
        model.aliases.sorted { $0.key < $1.key }.map { ["\($0.key)", "\($0.value)"] }
    }

    static func table(_ models: [ModelRecord], _ screen: inout Screen) {
        let rows: [[Cell]] = models.map { model in
            [
                .strong(model.name), self.version(in: "production", of: model), self.version(in: "staging", of: model),
                "\(model.aliases.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ", "))",
                "\(Moment.short(model.updatedAt))",
            ]
        }
        screen.table(["MODEL", "PRODUCTION", "STAGING", "ALIASES", "UPDATED"], rows)
    }

    private static func version(in stage: String, of model: ModelRecord) -> Cell {
        let found = model.stages.first { $0.key.lowercased() == stage }
        return found.map { Cell(VersionView.name($0.value)) } ?? .faint("-")
    }
}

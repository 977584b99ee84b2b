import MartletCore
import MartletRegistry
import MartletWire

extension ModelRecord {
    init(_ model: RegisteredModel) {
        let stages = model.latestVersions.map { ($0.stageName.rawValue, VersionName($0)) }
        self.init(
            name: model.name.rawValue,
            description: model.description,
            tags: model.tags.dictionary,
            aliases: Dictionary(
                model.aliases.map { ($0.name.rawValue, $0.version.rawValue) },
                uniquingKeysWith: { $1 }
            ),
            stages: Dictionary(stages, uniquingKeysWith: { $0.number > $1.number ? $0 : $1 }),
            createdAt: model.createdAt.text,
            updatedAt: model.updatedAt.text
        )
    }
}

extension VersionName {
    init(_ version: ModelVersion) {
        self.init(number: version.number.rawValue, semanticVersion: version.semanticVersion?.description)
    }
}

extension VersionRecord {
    init(_ version: ModelVersion) {
        self.init(
            model: version.name.rawValue,
            number: version.number.rawValue,
            semanticVersion: version.semanticVersion?.description,
            semanticVersionReasons: version.numberReasons,
            digest: version.seal?.digest.description,
            seal: SealRecord(version),
            stage: version.stageName.rawValue,
            mlflowStage: version.stage.mlflowName,
            author: version.author.rawValue,
            description: version.description.flatMap { $0.isEmpty ? nil : $0 },
            tags: version.tags.dictionary,
            aliases: version.aliases.map(\.rawValue),
            source: version.source,
            runId: version.runID?.rawValue,
            loggedModelId: version.loggedModelID?.rawValue,
            parent: version.parent?.rawValue,
            revision: version.revision,
            createdAt: version.createdAt.text,
            updatedAt: version.updatedAt.text,
            deletedAt: version.deletedAt?.text,
            legalHold: version.holdReason,
            purgedAt: version.purgedAt?.text
        )
    }
}

extension SealRecord {
    init(_ version: ModelVersion) {
        let seal = version.seal
        let state = version.purgedAt != nil ? "purged" : seal?.tree != nil ? "sealed" : "unsealed"
        self.init(
            state: state,
            reason: seal == nil ? "it was registered before versions were sealed" : seal?.unsealedReason,
            tree: seal?.tree?.description,
            fileCount: seal?.fileCount ?? 0,
            byteCount: seal?.byteCount ?? 0
        )
    }
}

extension NoteRecord {
    init(_ note: VersionNote) {
        self.init(number: note.number, author: note.author.rawValue, text: note.text, at: note.at.text)
    }
}

extension ApprovalRecord {
    init(_ approval: Approval) {
        self.init(
            stage: approval.stage.rawValue,
            actor: approval.act.actor.rawValue,
            reason: approval.act.reason,
            at: approval.at.text
        )
    }
}

extension GateReport {
    init(_ verdict: GateVerdict) {
        self.init(
            stage: verdict.stage.rawValue,
            mode: verdict.mode.rawValue,
            passed: verdict.isOpen,
            gates: verdict.gates.map { GateResult(gate: $0.name, passed: $0.isOpen, message: $0.message) }
        )
    }
}

extension TransitionResult {
    init(_ result: StageMoveResult) {
        self.init(
            version: VersionRecord(result.version),
            archived: result.archived.map { VersionName($0) },
            gates: GateReport(result.verdict)
        )
    }
}

extension [Tag] {
    /// By key; the last of a repeated one.
    var dictionary: [String: String] {
        Dictionary(self.map { ($0.key, $0.value) }, uniquingKeysWith: { $1 })
    }
}

extension [String: String] {
    /// As tags, in the order of their keys.
    var tags: [Tag] {
        self.map { Tag(key: $0.key, value: $0.value) }.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
    }
}

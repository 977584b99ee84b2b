import MartletCore
import MartletJSON
import MartletLedger
import MartletSQL

/// A version that is about to enter a stage, and how the ledger tells of it.
struct StageChange {
    private let found: FoundVersion
    private let state: StageMachine.State
    private let event: LedgerEvent

    init(_ found: FoundVersion, to state: StageMachine.State, _ event: LedgerEvent) {
        self.found = found
        self.state = state
        self.event = event
    }

    /// A move of which there is nothing else to tell.
    init(_ found: FoundVersion, to state: StageMachine.State, by act: Act, at now: Timestamp) {
        let details = Self.details(from: found, to: state)
        self.init(found, to: state, LedgerEvent(.moveVersion, of: found, by: act, at: now, details: details))
    }

    /// Carries out changes in their order, and returns the versions as they are from then on.
    static func write(
        _ changes: [StageChange],
        at now: Timestamp,
        on db: any Connection
    ) throws(MartletError) -> [FoundVersion] {
        guard !changes.isEmpty else { return [] }
        var revision = try Ledger.append(changes.map(\.event), on: db)
        var moved: [FoundVersion] = []
        for change in changes {
            try db.execute(
                ModelVersionQueries.move(change.found.key, to: change.state, revision: revision, at: now)
            )
            try Announcement.move(of: change.found, to: change.state.name, by: change.event.act, at: now, on: db)
            moved.append(change.result(revision, at: now))
            revision += 1
        }
        return moved
    }

    private func result(_ revision: Int64, at now: Timestamp) -> FoundVersion {
        var version = self.found.version
        (version.stage, version.stageName) = (self.state.stage, self.state.name)
        (version.revision, version.updatedAt) = (revision, now)
        return FoundVersion(key: self.found.key, modelKey: self.found.modelKey, version: version)
    }

    /// What the ledger says of a move.
    static func details(from found: FoundVersion, to state: StageMachine.State) -> [CanonicalJSON.Member] {
        [
            .init("from", found.version.stageName.rawValue),
            .init("to", state.name.rawValue),
            .init("mlflowStage", state.stage.mlflowName),
            .init("previousMlflowStage", found.version.stage.mlflowName),
        ]
    }
}

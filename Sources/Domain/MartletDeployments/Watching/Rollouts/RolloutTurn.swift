import MartletCore
import MartletJSON
import MartletLedger
import MartletSQL

/// What becomes of a roll-out besides its steps, which the ledger remembers in the same transaction.
struct RolloutTurn: Sendable {
    enum Kind: Sendable {
        case pause
        case resume
        case abort
    }

    private let kind: Kind
    private let act: Act
    private let at: Timestamp
    private let remark: String?

    /// - Parameter remark: What the roll-out says of it; by default who did it, and why.
    init(_ kind: Kind, by act: Act, at now: Timestamp, remark: String? = nil) {
        self.kind = kind
        self.act = act
        self.at = now
        self.remark = remark
    }

    /// Does it to a roll-out that was read in this transaction.
    ///
    /// - Returns: `false` where nothing was done, because its state does not allow it.
    @discardableResult
    func apply(to rollout: Rollout, on db: any Connection) throws(MartletError) -> Bool {
        guard self.kind.isPossible(in: rollout.state) else { return false }
        let state = self.kind.result(for: rollout)
        let remark =
            self.remark ?? "\(self.kind.participle) by \(self.act.actor)\(self.act.reason.map { ": \($0)" } ?? "")"
        try db.execute(RolloutQueries.set(state, rollout.key, remark: remark, at: self.at))
        let details = self.remark.map { [CanonicalJSON.Member("remark", .string($0))] } ?? []
        try Ledger.append(rollout.event(self.kind.action, by: self.act, at: self.at, details), on: db)
        return true
    }
}

extension RolloutTurn.Kind {
    fileprivate var action: LedgerAction {
        switch self {
        case .pause: .pauseRollout
        case .resume: .resumeRollout
        case .abort: .abortRollout
        }
    }

    /// What was done, as people read it.
    fileprivate var participle: String {
        switch self {
        case .pause: "paused"
        case .resume: "resumed"
        case .abort: "aborted"
        }
    }

    fileprivate func isPossible(in state: Rollout.State) -> Bool {
        switch self {
        case .pause: state == .scheduled || state == .running
        case .resume: state == .paused
        case .abort: state.isOpen
        }
    }

    fileprivate func result(for rollout: Rollout) -> Rollout.State {
        switch self {
        case .pause: .paused
        case .resume: rollout.stepsDone == 0 ? .scheduled : .running
        case .abort: .aborted
        }
    }
}

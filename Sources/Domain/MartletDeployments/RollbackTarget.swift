import MartletCore
import MartletRegistry
import MartletRouting
import MartletSQL

/// The revision that a rollback brings back.
struct RollbackTarget {
    /// How far back is looked.
    fileprivate static let revisionsMax: Int64 = 1_000

    let revision: Int64
    let arms: [Arm]

    /// Finds the newest revision from before the version that came last, leaving out those that were themselves left
    /// by a rollback: the steps of a roll-out are undone together, and a repetition goes back further. Where no other
    /// version answered, the newest one from before the last change of a backend.
    static func find(for deployment: FoundDeployment, on db: any Connection) throws(MartletError) -> RollbackTarget {
        let past = try Past(of: deployment, on: db)
        guard let target = past.beforeNewcomer() else { throw past.nothingBefore }
        return target
    }

    /// Finds the newest revision in which a version did not answer, for a rollback that nobody has asked for.
    ///
    /// - Throws: `conflict` also when what is in force was itself brought back: what was good once stays.
    static func find(
        without version: ServedVersion,
        for deployment: FoundDeployment,
        on db: any Connection
    ) throws(MartletError) -> RollbackTarget {
        let past = try Past(of: deployment, on: db)
        guard !past.isBroughtBack else {
            throw MartletError(.conflict, "What serves was brought back by a rollback; nothing better is known.")
        }
        guard let target = past.newest(without: version.key) else {
            throw MartletError(.conflict, "The deployment '\(deployment.name)' never served without \(version.label).")
        }
        return target
    }

    /// Finds the newest revision in which a version was the primary one, also among those that were left by a
    /// rollback; all requests will go to it.
    static func find(
        _ versionKey: Int64,
        label: String,
        for deployment: FoundDeployment,
        on db: any Connection
    ) throws(MartletError) -> RollbackTarget {
        let past = try Past(of: deployment, on: db)
        if let target = past.newest(withPrimary: versionKey) { return target }
        guard past.primary?.version.key != versionKey else {
            throw MartletError(.conflict, "\(label) is the primary version of '\(deployment.name)' already.")
        }
        throw MartletError(
            .conflict,
            "\(label) was never the primary version of '\(deployment.name)': deploy it instead."
        )
    }

    /// - Throws: `conflict` with the name of a version that was deleted since.
    func requireVersions(on db: any Connection) throws(MartletError) {
        for version in self.arms.map(\.version) where try ServableVersion.findIfAny(key: version.key, on: db) == nil {
            throw MartletError(
                .conflict,
                "\(version.label) was deleted, so it cannot serve again: go back to another version "
                    + "('martlet rollback --to VERSION')."
            )
        }
    }
}

/// What a deployment was, revision by revision.
private struct Past {
    private let present: Int64
    private let armsByRevision: [Int64: [Arm]]
    /// Revisions that somebody went back behind.
    private let abandoned: Set<Int64>
    private let rollbacks: Set<Int64>

    init(of deployment: FoundDeployment, on db: any Connection) throws(MartletError) {
        self.present = deployment.revision
        let first = max(1, deployment.revision - RollbackTarget.revisionsMax)
        var arms: [Int64: [Arm]] = [:]
        for row in try db.query(DeploymentQueries.arms(of: deployment.key, revisions: first...deployment.revision)) {
            arms[row.integer(0), default: []].append(try DeploymentQueries.decodeArm(row))
        }
        self.armsByRevision = arms
        let rollbacks = try db.query(DeploymentQueries.rollbacks(of: deployment.key, from: first))
        self.rollbacks = Set(rollbacks.map { $0.integer(0) })
        self.abandoned = Set(rollbacks.flatMap { ($0.integer(1) + 1)..<$0.integer(0) })
    }

    var primary: Arm? { self.arms(self.present).first { $0.role == .primary } }

    func beforeNewcomer() -> RollbackTarget? {
        self.beforeNewcomer(\.version.key)
            ?? self.beforeNewcomer { Place(version: $0.version.key, backend: $0.backend) }
    }

    /// A version at one backend.
    private struct Place: Hashable {
        let version: Int64
        let backend: Backend
    }

    /// - Parameter identity: By which one that answers is another one.
    private func beforeNewcomer<Identity: Hashable>(_ identity: (Arm) -> Identity) -> RollbackTarget? {
        func answering(_ number: Int64) -> Set<Identity> {
            Set(self.arms(number).filter(\.role.answers).map(identity))
        }
        let now = answering(self.present)
        var start = self.present
        while start > 1, now.isSubset(of: answering(start - 1)) { start -= 1 }
        return self.newest(before: start) { answering($0) != now }
    }

    /// Whether all that answers now did so after a rollback, and nothing new came since.
    var isBroughtBack: Bool {
        let now = self.answering(self.present)
        var number = self.present
        while number > 0, now.isSubset(of: self.answering(number)) {
            if self.rollbacks.contains(number) { return true }
            number -= 1
        }
        return false
    }

    /// Why there is nowhere to go back to.
    var nothingBefore: MartletError {
        let serving = self.primary?.version.label ?? "what serves"
        let hint =
            self.abandoned.isEmpty
            ? "" : ": what was left by a rollback does not count, unless it is named ('martlet rollback --to VERSION')"
        return MartletError(.conflict, "There is nothing before \(serving) to go back to\(hint).")
    }

    func newest(without versionKey: Int64) -> RollbackTarget? {
        self.newest(before: self.present) { !self.answering($0).contains(versionKey) }
    }

    func newest(withPrimary versionKey: Int64) -> RollbackTarget? {
        let target = self.newest(before: self.present, alsoAbandoned: true) { number in
            self.arms(number).contains { $0.role == .primary && $0.version.key == versionKey }
        }
        guard let target, var arm = target.arms.first(where: { $0.role == .primary }) else { return nil }
        arm.share = .all
        return RollbackTarget(revision: target.revision, arms: [arm] + target.arms.filter { !$0.role.answers })
    }

    private func newest(
        before end: Int64,
        alsoAbandoned: Bool = false,
        where isWanted: (Int64) -> Bool
    ) -> RollbackTarget? {
        for number in stride(from: end - 1, through: 1, by: -1) {
            let arms = self.arms(number)
            guard !arms.isEmpty else { return nil }
            if alsoAbandoned || !self.abandoned.contains(number), isWanted(number) {
                return RollbackTarget(revision: number, arms: arms)
            }
        }
        return nil
    }

    private func arms(_ number: Int64) -> [Arm] { self.armsByRevision[number] ?? [] }

    private func answering(_ number: Int64) -> Set<Int64> {
        Set(self.arms(number).filter(\.role.answers).map(\.version.key))
    }
}

import MartletCore
import MartletLedger
import MartletJSON
import MartletSQL

/// A deployment inside a transaction, and what its rows are found by.
struct FoundDeployment {
    let key: Int64
    let name: DeploymentName
    let salt: String
    /// The number of the revision in force.
    let revision: Int64
    let createdAt: Timestamp

    static func findIfAny(_ name: DeploymentName, on db: any Connection) throws(MartletError) -> FoundDeployment? {
        try db.queryOne(DeploymentQueries.find(name)).map(DeploymentQueries.decode)
    }

    static func find(_ name: DeploymentName, on db: any Connection) throws(MartletError) -> FoundDeployment {
        guard let found = try self.findIfAny(name, on: db) else {
            throw MartletError(.notFound, "There is no deployment '\(name)'.")
        }
        return found
    }

    /// Finds it also when it was deleted.
    static func find(key: Int64, on db: any Connection) throws(MartletError) -> FoundDeployment {
        guard let row = try db.queryOne(DeploymentQueries.find(key: key)) else {
            throw MartletError(.integrity, "a deployment that is referred to is missing")
        }
        return DeploymentQueries.decode(row)
    }

    /// Reads one of its revisions.
    func revision(_ number: Int64, on db: any Connection) throws(MartletError) -> Revision {
        guard let row = try db.queryOne(DeploymentQueries.revision(number, of: self.key)) else {
            throw MartletError(.notFound, "The deployment '\(self.name)' has no revision \(number).")
        }
        let arms = try db.query(DeploymentQueries.arms(of: self.key, revisions: number...number))
            .map(DeploymentQueries.decodeArm)
        return try DeploymentQueries.decodeRevision(row, arms)
    }

    /// Reads what belongs to rows of consecutive revisions, the newest first.
    func revisions(_ rows: some Collection<SQLRow>, on db: any Connection) throws(MartletError) -> [Revision] {
        guard let newest = rows.first?.integer(1), let oldest = rows.map({ $0.integer(1) }).last else { return [] }
        let arms = Dictionary(grouping: try db.query(DeploymentQueries.arms(of: self.key, revisions: oldest...newest)))
        {
            $0.integer(0)
        }
        let effects = try self.effects(oldest...newest, on: db)
        return try rows.map { row throws(MartletError) in
            let present = try (arms[row.integer(1)] ?? []).map(DeploymentQueries.decodeArm)
            var revision = try DeploymentQueries.decodeRevision(row, present)
            revision.effect = effects[revision.number]
            return revision
        }
    }

    /// Reads it with the revision in force.
    func load(on db: any Connection) throws(MartletError) -> Deployment {
        self.with(try self.revision(self.revision, on: db))
    }

    /// - Parameter revision: The one in force.
    func with(_ revision: Revision) -> Deployment {
        Deployment(
            key: self.key,
            name: self.name,
            salt: self.salt,
            createdAt: self.createdAt,
            revision: revision
        )
    }

    /// Reads how long it took until requests were routed by revisions.
    func effects(
        _ revisions: ClosedRange<Int64>,
        on db: any Connection
    ) throws(MartletError) -> [Int64: RevisionEffect] {
        let rows = try db.query(EffectQueries.effects(of: self.key, revisions: revisions))
        return rows.reduce(into: [:]) { $0[$1.integer(0)] = EffectQueries.decode($1) }
    }

    /// Refuses to change what somebody else has changed in the meantime.
    ///
    /// - Parameter expected: `nil` for whatever is in force.
    func require(revision expected: Int64?, on db: any Connection) throws(MartletError) {
        guard let expected, expected != self.revision else { return }
        let present = try self.revision(self.revision, on: db)
        throw MartletError(
            .preconditionFailed,
            "The deployment '\(self.name)' is at revision \(self.revision), not \(expected): "
                + "'\(present.act.actor)' changed it at \(present.at.text)."
        )
    }
}

extension FoundDeployment {
    /// Refuses to go on with a change that was begun before somebody went back, or took the deployment away: they did
    /// not mean it to be undone by what had to wait.
    ///
    /// - Parameter seen: The deployment as the change was begun; `nil` where nothing had to wait.
    func requireNothingUndone(since seen: FoundDeployment?, on db: any Connection) throws(MartletError) {
        guard let seen, seen.revision > 0 else { return }
        guard seen.key == self.key else {
            throw MartletError(.preconditionFailed, "The deployment '\(self.name)' was taken away in the meantime.")
        }
        let rollbacks = try db.query(DeploymentQueries.rollbacks(of: self.key, from: seen.revision + 1))
        guard let last = rollbacks.max(by: { $0.integer(0) < $1.integer(0) }) else { return }
        let revision = try self.revision(last.integer(0), on: db)
        throw MartletError(
            .preconditionFailed,
            "'\(revision.act.actor)' went back to revision \(last.integer(1)) of '\(self.name)' at "
                + "\(revision.at.text), while this change waited for its backends."
        )
    }

    /// One that is yet to be made.
    init(named name: DeploymentName, at now: Timestamp) {
        self.init(key: 0, name: name, salt: "", revision: 0, createdAt: now)
    }
}

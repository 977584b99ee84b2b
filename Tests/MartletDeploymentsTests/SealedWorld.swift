import MartletArtifacts
import MartletCore
import MartletDeployments
import MartletEvents
import MartletJournal
import MartletLedger
import MartletProofs
import MartletRegistry
import MartletRouting
import MartletSQL
import MartletTestSupport

/// Decisions of two deployments, and a clock that can be set.
struct SealedWorld {
    private static let migrations =
        ArtifactMigrations.all + LedgerMigrations.all + RegistryMigrations.all + EventMigrations.all
        + DeploymentMigrations.all
    static let hour: Int64 = 3_600_000

    let database: any Database
    let now: Timestamp

    /// - Parameter hours: What time it is.
    init(hours: Double, database: (any Database)? = nil) async throws {
        self.now = Timestamp(milliseconds: Int64(hours * Double(Self.hour)))
        if let database {
            self.database = database
            return
        }
        self.database = try await makeTestDatabase(Self.migrations)
        let surroundings = self.surroundings
        let ledger = LedgerService(
            database: self.database,
            surroundings: surroundings,
            signer: try NoteSigner(name: "test", privateKey: NoteSigner.makePrivateKey())
        )
        _ = try await LedgerService.origin(in: self.database, orElse: "test")
        try await ledger.registerKey()
        try await self.database.write { db throws(MartletError) in
            for statement in Self.deployments { try db.execute(statement) }
        }
    }

    /// The same at another time.
    func at(hours: Double) async throws -> SealedWorld {
        try await SealedWorld(hours: hours, database: self.database)
    }

    private static let deployments: [SQL] = [
        """
        INSERT INTO registered_model (model_key, name, version_count, created_ms, updated_ms)
        VALUES (1, 'iris', 1, 0, 0)
        """,
        """
        INSERT INTO model_version (
            version_key, model_key, number, source, artifact_uri, run_id, logged_model_id, run_link, stage, stage_name,
            created_ms, updated_ms
        ) VALUES (1, 1, 1, '', '', '', '', '', 'production', 'production', 0, 0)
        """,
        """
        INSERT INTO deployment (deployment_key, name, salt, revision, change, created_ms)
        VALUES (1, 'bot', 'salt', 1, 1, 0), (2, 'other', 'salt', 1, 1, 0)
        """,
        """
        INSERT INTO deployment_revision (deployment_key, number, cause, settings, actor, created_ms, entry_index)
        VALUES (1, 1, 'deploy', '{"keepDays":1}', 'ann', 0, 0), (2, 1, 'deploy', '{}', 'ann', 0, 0)
        """,
        """
        INSERT INTO deployment_arm (
            deployment_key, revision, position, name, role, share, version_key, model, version, digest, url
        )
        SELECT deployment_key, 1, 0, 'iris/1', 'primary', 1000000, 1, 'iris', 1,
            \(SQLValue.bytes([UInt8](repeating: 7, count: 32))), 'http://127.0.0.1:1'
        FROM deployment
        """,
    ]

    var surroundings: Surroundings {
        Surroundings(now: { self.now }, randomBits: { (.random(in: 0...UInt64.max), .random(in: 0...UInt64.max)) })
    }
    var service: DecisionService { self.service(self.log()) }

    func service(_ log: DecisionLog) -> DecisionService {
        DecisionService(database: self.database, log: log, surroundings: self.surroundings)
    }

    /// Writes decisions and returns their ids, in order.
    @discardableResult
    func decide(_ count: Int, atHours hours: Double, in key: Int64 = 1) async throws -> [DecisionID] {
        let start = Int64(hours * Double(Self.hour))
        let decisions = (0..<count).map { self.decision(atMilliseconds: start + Int64($0), in: key) }
        let log = self.log()
        for decision in decisions { log.offer(decision) }
        try await log.flush()
        return decisions.map(\.id)
    }

    func decision(
        atMilliseconds milliseconds: Int64,
        in key: Int64 = 1,
        about subject: SubjectHash? = nil,
        status: Int = 200,
        _ agreement: Agreement? = nil
    ) -> Decision {
        let moment = Timestamp(milliseconds: milliseconds)
        return Decision(
            id: DecisionID(at: moment, random: self.surroundings.randomBits()),
            deploymentKey: key,
            revision: 1,
            arm: 0,
            at: moment,
            subject: subject,
            request: BlobDigest(bytes: [UInt8](repeating: 1, count: 32)),
            status: status,
            agreement: agreement,
            latencyMicroseconds: 1
        )
    }

    /// - Parameter oldest: In milliseconds; what was decided before is too late.
    func log(_ journal: JournalFiles? = nil, since oldest: @escaping @Sendable () -> Int64 = { 0 }) -> DecisionLog {
        DecisionLog(database: self.database, journal: journal) { Timestamp(milliseconds: oldest()) }
    }

    func sealer() -> DecisionSealer {
        let period = SealingPeriod(TimeSpan(milliseconds: Self.hour))
        return DecisionSealer(database: self.database, surroundings: self.surroundings, period: period)
    }

    func sealAll() async throws -> Int {
        var count = 0
        while try await self.sealer().sealNext() { count += 1 }
        return count
    }

    func count(_ table: String) async throws -> Int64 {
        try await self.database.read { db throws(MartletError) in
            try db.queryOne("SELECT count(*) FROM \(SQL(stringLiteral: table))")?.integer(0) ?? 0
        }
    }

    /// Whether a record is proved under the root that the ledger names.
    func proves(_ id: DecisionID) async throws -> Bool {
        let proof = try await self.service.proof(of: id)
        let root = try await self.database.read { db throws(MartletError) in
            try db.queryOne("SELECT root FROM decision_seal WHERE entry_index = \(proof.entry)")?.bytes(0) ?? []
        }
        guard let root = MerkleHash(bytes: root) else { return false }
        return MerkleProof.provesInclusion(
            of: MerkleHash(leaf: proof.record.utf8),
            at: UInt64(proof.index),
            size: UInt64(proof.count),
            root: root,
            proof.path
        )
    }
}

import MartletCore
import MartletJSON
import MartletLedger
import MartletProofs
import MartletSQL
import MartletTestSupport

/// A ledger on a database of its own.
struct LedgerWorld {
    let database: any Database
    let service: LedgerService
    let signer: NoteSigner

    init() async throws {
        self.database = try await makeTestDatabase(LedgerMigrations.all)
        self.signer = try NoteSigner(name: "ledger.test", privateKey: NoteSigner.makePrivateKey())
        let surroundings = Surroundings(now: { Timestamp(milliseconds: 5) }, randomBits: { (0, 0) })
        self.service = LedgerService(database: self.database, surroundings: surroundings, signer: self.signer)
        _ = try await LedgerService.origin(in: self.database, orElse: "ledger.test")
    }

    /// Appends entries about a model, and returns the place of the last one.
    @discardableResult
    func append(
        _ count: Int = 1,
        _ action: LedgerAction = .tagModel,
        model: Int64 = 1,
        version: Int64? = nil,
        at milliseconds: Int64 = 0
    ) async throws -> Int64 {
        try await self.database.write { db throws(MartletError) in
            var index: Int64 = -1
            for number in 0..<count {
                let event = LedgerEvent(
                    action,
                    of: version.map { .version($0, modelKey: model, model: "model-\(model)") }
                        ?? .model(key: model, name: "model-\(model)"),
                    by: Act(by: ActorName(trusted: "ann"), reason: "because"),
                    at: Timestamp(milliseconds: milliseconds),
                    details: [.init("key", .string("k\(number)"))]
                )
                index = try Ledger.append(event, on: db)
            }
            return index
        }
    }
}

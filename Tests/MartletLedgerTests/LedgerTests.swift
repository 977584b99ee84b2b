import MartletCore
import MartletJSON
import MartletLedger
import MartletProofs
import MartletSQL
import MartletTestSupport
import Testing

@Suite("The ledger")
struct LedgerTests {
    @Test("entries are numbered from 0, and each says its place and what came before it")
    func chain() async throws {
        let world = try await LedgerWorld()
        #expect(try await world.append(3) == 2)
        let (entries, size) = try await world.service.entries(from: 0, limit: 10)
        #expect(size == 3)
        #expect(entries.map(\.index) == [0, 1, 2])
        var previous = String(repeating: "0", count: 64)
        for entry in entries {
            let reading = try entry.reading()
            #expect(reading.index == entry.index)
            #expect(reading.text("previous") == previous)
            #expect(entry.leaf == MerkleHash(leaf: entry.body.utf8))
            previous = entry.leaf.description
        }
    }

    @Test("an entry says what was done to what, by whom, when and why")
    func reading() async throws {
        let world = try await LedgerWorld()
        try await world.append(1, .moveVersion, model: 7, version: 3, at: 1_777_816_800_000)
        let reading = try await world.service.entry(0).reading()
        #expect(reading.action == .moveVersion)
        #expect(reading.model == "model-7")
        #expect(reading.version == 3)
        #expect(reading.actor == "ann")
        #expect(reading.reason == "because")
        #expect(reading.at.text == "2026-05-03T14:00:00.000Z")
        #expect(reading.details.map(\.name) == ["key"])
        #expect(reading.details.map(\.value) == ["k0"])
    }

    @Test("a change that fails leaves no entry and no gap")
    func rollback() async throws {
        let world = try await LedgerWorld()
        try await world.append(2)
        let code = try await errorCode {
            try await world.database.write { db throws(MartletError) in
                try Ledger.append(.sample, on: db)
                throw MartletError(.conflict, "no")
            }
        }
        #expect(code == .conflict)
        #expect(try await world.append() == 2)
        #expect(try await world.service.entries(from: 0, limit: 1).size == 3)
    }

    @Test("when the clock is set back, entries keep the time of the last one")
    func clock() async throws {
        let world = try await LedgerWorld()
        try await world.append(at: 1_000)
        try await world.append(at: 10)
        #expect(try await world.service.entry(1).reading().at == Timestamp(milliseconds: 1_000))
    }

    @Test(
        "roots and proofs of every size agree with what RFC 6962 computes from the entries",
        arguments: [1, 2, 7, 8, 21]
    )
    func proofs(count: Int) async throws {
        let world = try await LedgerWorld()
        try await world.append(count)
        let leaves = try await world.service.entries(from: 0, limit: count).entries.map(\.leaf)
        let note = try SignedNote(parsing: try await world.service.checkpoint())
        #expect(note.isSigned(by: world.signer.verifier))
        let checkpoint = try Checkpoint(note.text)
        #expect(checkpoint.root == Self.root(leaves[...]))
        #expect(checkpoint.size == UInt64(count))
        for index in leaves.indices {
            let path = try await world.service.inclusionProof(of: Int64(index), in: Int64(count))
            let isProven = MerkleProof.provesInclusion(
                of: leaves[index],
                at: UInt64(index),
                size: UInt64(count),
                root: checkpoint.root,
                path
            )
            #expect(isProven)
            let old = Self.root(leaves[...index])
            let proof = try await world.service.consistencyProof(from: Int64(index) + 1, to: Int64(count))
            let isConsistent = MerkleProof.provesConsistency(
                from: UInt64(index) + 1,
                old,
                to: UInt64(count),
                checkpoint.root,
                proof
            )
            #expect(isConsistent)
        }
    }

    @Test("a checkpoint is kept, and the same one is handed out while nothing changes")
    func checkpoints() async throws {
        let world = try await LedgerWorld()
        try await world.append(2)
        let first = try await world.service.checkpoint()
        #expect(try await world.service.checkpoint() == first)
        try await world.append()
        let second = try await world.service.checkpoint()
        #expect(second != first)
        #expect(try await world.service.checkpoints(limit: 9) == [first, second])
        #expect(try await world.service.checkpoints(from: 3, limit: 9) == [second])
        #expect(try await world.service.checkpoints(limit: 1) == [first])
    }

    @Test("a proof for a ledger that never was is refused")
    func refusals() async throws {
        let world = try await LedgerWorld()
        try await world.append(3)
        for (index, size) in [(3, 3), (0, 4), (-1, 3), (0, -1)] as [(Int64, Int64)] {
            let code = try await errorCode { _ = try await world.service.inclusionProof(of: index, in: size) }
            #expect(code == .invalidArgument)
        }
        for (old, new) in [(3, 2), (1, 4), (-1, 3)] as [(Int64, Int64)] {
            let code = try await errorCode { _ = try await world.service.consistencyProof(from: old, to: new) }
            #expect(code == .invalidArgument)
        }
        #expect(try await errorCode { _ = try await world.service.entry(3) } == .notFound)
    }

    @Test("history is told of one model or version, up to a moment, the newest first")
    func history() async throws {
        let world = try await LedgerWorld()
        try await world.append(model: 1, version: 1, at: 10)
        try await world.append(model: 2, version: 1, at: 20)
        try await world.append(model: 1, version: 2, at: 30)
        try await world.append(model: 1, version: 1, at: 40)
        let found = try await world.database.read { db throws(MartletError) in
            [
                try Ledger.history(of: 1, limit: 9, on: db),
                try Ledger.history(of: 1, version: 1, limit: 9, on: db),
                try Ledger.history(of: 1, until: Timestamp(milliseconds: 30), limit: 9, on: db),
                try Ledger.history(of: 1, before: 3, limit: 1, on: db),
                try Ledger.story(of: 1, until: Timestamp(milliseconds: 30), on: db),
            ].map { $0.map(\.index) }
        }
        #expect(found == [[3, 2, 0], [3, 0], [2, 0], [2], [0, 2]])
    }

    @Test("a key is entered once, and again when it changes")
    func keys() async throws {
        let world = try await LedgerWorld()
        try await world.service.registerKey()
        try await world.append()
        try await world.service.registerKey()
        #expect(try await world.service.entries(from: 0, limit: 1).size == 2)
        #expect(try await world.service.entry(0).reading().text("publicKey") == world.signer.verifier.text)
        let other = try NoteSigner(name: "ledger.test", privateKey: NoteSigner.makePrivateKey())
        let surroundings = Surroundings(now: { Timestamp(milliseconds: 6) }, randomBits: { (0, 0) })
        try await LedgerService(database: world.database, surroundings: surroundings, signer: other).registerKey()
        #expect(try await world.service.entry(2).reading().text("publicKey") == other.verifier.text)
    }

    @Test("a ledger keeps the first name that it was given")
    func origin() async throws {
        let world = try await LedgerWorld()
        #expect(try await LedgerService.origin(in: world.database, orElse: "another") == "ledger.test")
    }

    /// As RFC 6962, section 2.1, says it, from all leaves.
    private static func root(_ leaves: ArraySlice<MerkleHash>) -> MerkleHash {
        guard leaves.count > 1 else { return leaves.first ?? .empty }
        var half = 1
        while half * 2 < leaves.count { half *= 2 }
        return MerkleHash(Self.root(leaves.prefix(half)), Self.root(leaves.dropFirst(half)))
    }
}

extension LedgerEvent {
    fileprivate static var sample: LedgerEvent {
        LedgerEvent(
            .tagModel,
            of: .model(key: 1, name: "m"),
            by: Act(by: .anonymous),
            at: Timestamp(milliseconds: 0)
        )
    }
}

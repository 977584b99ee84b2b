import MartletArtifacts
import MartletCore
import MartletDeployments
import MartletEvents
import MartletLedger
import MartletProofs
import MartletRegistry
import MartletSQL
import MartletTestSupport
import Synchronization
import Testing

/// A database where something happens between the look at what is sealed and the writing of the seal.
private struct InterruptedDatabase: Database {
    let database: any Database
    let meanwhile: @Sendable () async -> Void

    func read<Value: Sendable>(
        _ extent: ReadExtent,
        _ body: @Sendable @escaping (any Connection) throws(MartletError) -> Value
    ) async throws(MartletError) -> Value {
        try await self.database.read(extent, body)
    }

    func write<Value: Sendable>(
        _ scope: WriteScope,
        _ body: @Sendable @escaping (any Connection) throws(MartletError) -> Value
    ) async throws(MartletError) -> Value {
        if scope == .everything { await self.meanwhile() }
        return try await self.database.write(scope, body)
    }

    func close() async throws(MartletError) { try await self.database.close() }
}

@Suite("sealed decisions")
struct SealingTests {
    @Test("hours are sealed half an hour after their end, each deployment for itself")
    func hours() async throws {
        let world = try await SealedWorld(hours: 12.4)
        try await world.decide(3, atHours: 10.1)
        try await world.decide(2, atHours: 10.2, in: 2)
        try await world.decide(4, atHours: 11.5)
        #expect(try await world.sealAll() == 1)
        #expect(try await world.count("decision_seal") == 2)
        let later = try await world.at(hours: 12.5)
        #expect(try await later.sealAll() == 1)
        #expect(try await later.count("decision_seal") == 3)
        #expect(try await later.sealAll() == 0)
        #expect(try await later.count("ledger_entry WHERE action = 'deployment.seal'") == 3)
    }

    @Test("each record of more than one block is proved", arguments: [1, 2, 1_023, 1_024, 1_025, 2_500])
    func blocks(count: Int) async throws {
        let world = try await SealedWorld(hours: 20)
        let ids = try await world.decide(count, atHours: 10.1)
        try await world.decide(count, atHours: 10.1, in: 2)
        _ = try await world.sealAll()
        for index in Set([0, 1, 1_023, 1_024, count / 2, count - 1]) where index < count {
            #expect(try await world.proves(ids[index]), "\(index) of \(count)")
            #expect(try await world.service.proof(of: ids[index]).index == Int64(index))
        }
    }

    @Test("what comes while its time is being sealed is refused, and all that is sealed is proved")
    func closing() async throws {
        let world = try await SealedWorld(hours: 20)
        let ids = try await world.decide(3, atHours: 10)
        let late = try await SealedWorld(hours: 20, database: world.database)
        let refusals = Mutex<[MartletError?]>([])
        // As where a server was stopped after its look at the clock.
        let log = late.log()
        let database = InterruptedDatabase(database: world.database) {
            let decision = late.decision(atMilliseconds: 10 * SealedWorld.hour)
            let refusal = await withCheckedContinuation { answer in
                log.record(decision, on: nil) { answer.resume(returning: $0) }
            }
            refusals.withLock { $0.append(refusal) }
            log.offer(late.decision(atMilliseconds: 10 * SealedWorld.hour + 1))
            try? await log.flush()
        }
        _ = try await SealedWorld(hours: 20, database: database).sealAll()
        #expect(refusals.withLock { $0.map { $0?.code } } == [.unavailable])
        #expect(log.droppedCount == 1)
        #expect(try await world.count("decision") == 3)
        for id in ids { #expect(try await world.proves(id)) }
    }

    @Test("a record that was changed, taken away or added is noticed")
    func tampering() async throws {
        for change: SQL in [
            "UPDATE decision SET latency_us = 2 WHERE deployment_key = 1 AND at_ms % 2 = 1",
            "DELETE FROM decision WHERE deployment_key = 1 AND at_ms % 2 = 1",
        ] {
            let world = try await SealedWorld(hours: 20)
            let ids = try await world.decide(4, atHours: 10)
            _ = try await world.sealAll()
            try await world.database.write { db throws(MartletError) in try db.execute(change) }
            await #expect(throws: MartletError.self) { try await world.proves(ids[0]) }
        }
        let world = try await SealedWorld(hours: 20)
        let ids = try await world.decide(4, atHours: 10)
        try await world.decide(1, atHours: 10.5, in: 2)
        _ = try await world.sealAll()
        try await world.database.write { db throws(MartletError) in
            try db.execute("UPDATE decision SET deployment_key = 1 WHERE deployment_key = 2")
        }
        let error = await #expect(throws: MartletError.self) { try await world.proves(ids[0]) }
        #expect(error?.code == .integrity)
    }

    @Test("only the line of a compared copy says how it compares: others are spelt as they always were")
    func agreement() async throws {
        let world = try await SealedWorld(hours: 20)
        let log = world.log()
        let moment = 10 * SealedWorld.hour
        let decisions = [nil, Agreement.equal].map { world.decision(atMilliseconds: moment, $0) }
        for decision in decisions { log.offer(decision) }
        try await log.flush()
        _ = try await world.sealAll()
        let lines = try await [
            world.service.proof(of: decisions[0].id).record, world.service.proof(of: decisions[1].id).record,
        ]
        let rest = { (id: DecisionID) in
            """
            "arm":"iris/1","at":"1970-01-01T10:00:00.000Z","deployment":"bot","digest":"\(digest(7))","id":"\(id)",\
            "latencyMicroseconds":1,"requestSha256":"\(digest(1))","revision":1,"role":"primary","status":200,\
            "version":"iris/1"}
            """
        }
        #expect(lines[0] == "{" + rest(decisions[0].id))
        #expect(lines[1] == #"{"agreement":"equal","# + rest(decisions[1].id))
    }

    private func digest(_ byte: UInt8) -> String {
        BlobDigest(bytes: [UInt8](repeating: byte, count: 32)).description
    }

    @Test("what waited for too long to be written is dropped and counted")
    func late() async throws {
        let world = try await SealedWorld(hours: 20)
        let log = world.log(since: { 3 })
        for milliseconds: Int64 in [1, 2, 3] { log.offer(world.decision(atMilliseconds: milliseconds)) }
        try await log.flush()
        #expect(log.droppedCount == 2)
        #expect(try await world.count("decision") == 1)
    }

    @Test("records are removed after their days, with their outcomes, when they are sealed, and only then")
    func retention() async throws {
        let world = try await SealedWorld(hours: 36)
        let ids = try await world.decide(3, atHours: 10)
        try await world.decide(3, atHours: 10, in: 2)
        try await world.decide(2, atHours: 11.5)
        let act = Act(by: ActorName(trusted: "ann"))
        try await world.service.tell(["resolved": 1], of: ids[0], by: act)
        let removal = DecisionRetention(database: world.database, surroundings: world.surroundings)
        #expect(try await removal.removeOld() == 0)
        _ = try await world.sealAll()
        #expect(try await removal.removeOld() == 3 + 2)
        #expect(try await world.count("decision") == 3)
        #expect(try await world.count("outcome") == 0)
        #expect(try await world.count("decision_seal") == 3)
        #expect(try await removal.removeOld() == 0)
    }

    @Test("an export has the records of one deployment and some time, with what came of them")
    func export() async throws {
        let world = try await SealedWorld(hours: 20)
        let ids = try await world.decide(3, atHours: 10)
        try await world.decide(3, atHours: 10, in: 2)
        try await world.decide(2, atHours: 12)
        try await world.service.tell(["resolved": 0.5], of: ids[1], by: Act(by: ActorName(trusted: "ann")))
        let name = try DeploymentName(validating: "bot")
        let hour = Timestamp(milliseconds: 10 * SealedWorld.hour)..<Timestamp(milliseconds: 11 * SealedWorld.hour)
        let lines = try await world.service.lines(of: name, hour, after: nil, limit: 10)
        #expect(lines.count == 3)
        #expect(lines[1].contains(#""outcomes":{"resolved":0.5},"requestSha256""#))
        let rest = try await world.service.lines(of: name, hour, after: ids[0], limit: 1)
        #expect(rest == [lines[1]])
    }
}

import MartletCore
import MartletDeployments
import MartletJournal
import MartletTestSupport
import Synchronization
import Testing

extension DecisionLog {
    fileprivate func record(_ decision: Decision) async throws {
        let failure = await withCheckedContinuation { answer in
            self.record(decision, on: nil) { answer.resume(returning: $0) }
        }
        if let failure { throw failure }
    }
}

@Suite("The log of decisions")
struct DecisionLogTests {
    /// Lends a journal, and a world to write into.
    private static func with(_ body: (SealedWorld, _ folder: String) async throws -> Void) async throws {
        let world = try await SealedWorld(hours: 10)
        try await withTemporaryFolder { path in try await body(world, path) }
    }

    private static func use(_ folder: String, _ body: (JournalFiles) async throws -> Void) async throws {
        let journal = try JournalFiles(folder: folder)
        try await body(journal)
        await journal.close()
    }

    @Test("a record that somebody waits for is in the journal before it is in the database")
    func journaled() async throws {
        try await Self.with { world, folder in
            try await Self.use(folder) { journal in
                let log = world.log(journal)
                try await log.record(world.decision(atMilliseconds: 1))
                #expect(try JournalFiles.leftovers(in: folder).count == 1)
                #expect(try await world.count("decision") == 0)
                try await log.flush()
                #expect(try JournalFiles.leftovers(in: folder).isEmpty)
                #expect(try await world.count("decision") == 1)
            }
        }
    }

    @Test("a record that nobody waits for is in the journal when that is asked for, and then comes into the database")
    func secured() async throws {
        try await Self.with { world, folder in
            try await Self.use(folder) { journal in
                let log = world.log(journal, since: { 2 })
                for milliseconds: Int64 in [1, 2, 3] { log.offer(world.decision(atMilliseconds: milliseconds)) }
                #expect(try JournalFiles.leftovers(in: folder).isEmpty)
                try await log.secure()
                #expect(log.droppedCount == 1)
                #expect(try JournalFiles.leftovers(in: folder).count == 2)
                #expect(try await world.count("decision") == 0)
                try await log.flush()
                #expect(try await world.count("decision") == 2)
            }
        }
    }

    @Test("how a decision ended is noted though its beginning was not written yet")
    func completed() async throws {
        try await Self.with { world, folder in
            try await Self.use(folder) { journal in
                let log = world.log(journal)
                var decisions = [world.decision(atMilliseconds: 1), world.decision(atMilliseconds: 2)]
                try await log.record(decisions[0])
                log.offer(decisions[1])
                for index in decisions.indices {
                    decisions[index].answer = BlobDigest(bytes: [UInt8](repeating: 9, count: 32))
                    log.complete(decisions[index])
                }
                try await log.flush()
                for decision in decisions {
                    #expect(try await world.service.decision(decision.id).decision == decision)
                }
            }
        }
    }

    @Test("what a killed server has left in the journal is in the database after the next start, once and whole")
    func recovering() async throws {
        try await Self.with { world, folder in
            var decisions = (1...3).map { world.decision(atMilliseconds: $0) }
            decisions[0].failure = .timeout
            decisions[1].answer = BlobDigest(bytes: [UInt8](repeating: 7, count: 32))
            decisions[2] = decisions[2].copy(decisions[2].id, to: 0)
            decisions[2].agreement = .different
            try await Self.use(folder) { journal in
                let log = world.log(journal)
                for decision in decisions.reversed() { try await log.record(decision) }
            }
            for _ in 0..<2 { try await Self.use(folder) { try await world.log($0).recover() } }
            #expect(try JournalFiles.leftovers(in: folder).isEmpty)
            #expect(try await world.count("decision") == 3)
            let service = world.service
            for decision in decisions {
                #expect(try await service.decision(decision.id).decision == decision)
            }
        }
    }

    @Test("what waits is read all the same")
    func reading() async throws {
        try await Self.with { world, folder in
            try await Self.use(folder) { journal in
                let log = world.log(journal)
                let service = world.service(log)
                let (waiting, recorded) = (world.decision(atMilliseconds: 1), world.decision(atMilliseconds: 2))
                log.offer(waiting)
                try await log.record(recorded)
                #expect(try await service.decision(recorded.id).decision.id == recorded.id)
                #expect(try await service.decision(waiting.id).decision.id == waiting.id)
                let late = world.decision(atMilliseconds: 3)
                try await log.record(late)
                try await service.tell(["good": 1], of: late.id, by: Act(by: ActorName(trusted: "ann")))
                #expect(try await service.decision(late.id).outcomes.map(\.metric) == ["good"])
            }
        }
    }

    @Test("what is so late that its time may be sealed is refused where somebody waits, and otherwise dropped")
    func late() async throws {
        try await Self.with { world, folder in
            try await Self.use(folder) { journal in
                let (begun, late) = (world.decision(atMilliseconds: 4), world.decision(atMilliseconds: 4))
                let oldest = Atomic<Int64>(0)
                let log = world.log(journal) { oldest.load(ordering: .relaxed) }
                try await log.record(begun)
                oldest.store(5, ordering: .relaxed)
                let error = await #expect(throws: MartletError.self) { try await log.record(late) }
                #expect(error?.code == .unavailable)
                log.offer(late)
                var ended = begun
                ended.answer = BlobDigest(bytes: [UInt8](repeating: 9, count: 32))
                log.complete(ended)
                // Whoever reads has all written that may be, and that is what was promised to be durable.
                await #expect(throws: MartletError.self) { try await world.service(log).decision(late.id) }
                #expect(log.droppedCount == 2)
                #expect(try await world.service.decision(begun.id).decision == begun)
            }
        }
    }

    @Test("records that several wait for at once are all written, and none twice")
    func many() async throws {
        try await Self.with { world, folder in
            try await Self.use(folder) { journal in
                let log = world.log(journal)
                try await withThrowingTaskGroup { tasks in
                    for number: Int64 in 0..<300 {
                        tasks.addTask {
                            try await log.record(world.decision(atMilliseconds: number))
                            if number % 10 == 0 { try await log.flush() }
                        }
                    }
                    try await tasks.waitForAll()
                }
                try await log.flush()
                #expect(try await world.count("decision") == 300)
                #expect(try JournalFiles.leftovers(in: folder).isEmpty)
            }
        }
    }
}

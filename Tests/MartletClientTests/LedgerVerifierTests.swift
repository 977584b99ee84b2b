import MartletClient
import MartletProofs
import Testing

@Suite("Verifying a ledger")
struct LedgerVerifierTests {
    private let ledger: MemoryLedger

    init() throws {
        self.ledger = try MemoryLedger(entries: 21)
    }

    private func report(
        _ bodies: [[UInt8]],
        checkpoints: [String] = [],
        leaves: [MerkleHash]? = nil
    ) throws -> LedgerReport {
        var verifier = try LedgerVerifier(
            publicKey: self.ledger.publicKey,
            checkpoints: checkpoints,
            origin: MemoryLedger.origin
        )
        for (index, body) in bodies.enumerated() { verifier.add(body, leafHash: leaves?[index].description) }
        return verifier.report()
    }

    private func edited(_ index: Int) -> [[UInt8]] {
        var bodies = self.ledger.bodies
        bodies[index] = Array(String(decoding: bodies[index], as: UTF8.self).replacing("ada", with: "eve").utf8)
        return bodies
    }

    @Test("a ledger that is as it was written is sound, at every checkpoint", arguments: 0...21)
    func sound(size: Int) throws {
        let report = try self.report(
            self.ledger.bodies,
            checkpoints: [self.ledger.checkpoint(size), self.ledger.checkpoint()],
            leaves: self.ledger.leaves
        )
        #expect(report.isSound, "\(report.findings)")
        #expect(report.provenCount == 21)
        #expect(try report.root == self.ledger.tree().root().description)
    }

    @Test("an entry that was edited is named by the one after it", arguments: [0, 7, 16, 19])
    func editedEntry(index: Int) throws {
        let report = try self.report(self.edited(index))
        #expect(report.findings.map(\.kind) == [.edited])
        #expect(report.findings.first?.entry == Int64(index))
        let message = "entry \(index) was edited: entry \(index + 1) was written after something else"
        #expect(report.findings.first?.message == message)
    }

    @Test("the last entry is named by a checkpoint when it was edited")
    func editedLast() throws {
        let report = try self.report(self.edited(20), checkpoints: [self.ledger.checkpoint()])
        #expect(report.findings.map(\.kind) == [.edited])
        #expect(report.findings.first?.entry == 20)
    }

    @Test("an entry that lost the hash it was written with is named, also the last one", arguments: [0, 9, 20])
    func editedAgainstHash(index: Int) throws {
        let report = try self.report(self.edited(index), leaves: self.ledger.leaves)
        #expect(report.findings.map(\.kind) == [.edited])
        #expect(report.findings.first?.entry == Int64(index))
    }

    @Test("the first of several entries that were edited is named")
    func editedTwice() throws {
        var bodies = self.edited(5)
        bodies[12] = self.edited(12)[12]
        #expect(try self.report(bodies).findings.map(\.entry) == [5])
    }

    @Test("bytes that are no entry are an edited entry", arguments: [0, 11, 20])
    func garbage(index: Int) throws {
        var bodies = self.ledger.bodies
        bodies[index] = Array("{}".utf8)
        let report = try self.report(bodies)
        #expect(report.findings.map(\.kind) == [.edited])
        #expect(report.findings.first?.entry == Int64(index))
    }

    @Test("an entry that claims to follow another one is named when a checkpoint vouches for those before it")
    func changedPrevious() throws {
        var bodies = self.ledger.bodies
        bodies[8] = MemoryLedger.body(index: 8, previous: String(repeating: "a", count: 64), ["action": "note.8"])
        let report = try self.report(bodies, checkpoints: [self.ledger.checkpoint(8)])
        #expect(report.findings.map(\.kind) == [.edited])
        #expect(report.findings.first?.entry == 8)
    }

    @Test("entries that are left out are named", arguments: [(0, 1), (7, 1), (7, 4), (19, 1)])
    func dropped(index: Int, count: Int) throws {
        var bodies = self.ledger.bodies
        bodies.removeSubrange(index..<index + count)
        let report = try self.report(bodies, checkpoints: [self.ledger.checkpoint()])
        #expect(report.findings.map(\.kind) == [.dropped])
        #expect(report.findings.first?.entry == Int64(index))
    }

    @Test("entries that changed places are named", arguments: [(0, 1), (3, 4), (3, 17), (0, 20)])
    func reordered(first: Int, second: Int) throws {
        var bodies = self.ledger.bodies
        bodies.swapAt(first, second)
        let report = try self.report(bodies)
        #expect(report.findings.map(\.kind) == [.reordered])
        #expect(report.findings.first?.entry == Int64(first))
    }

    @Test("an entry that is there a second time is named, in between or instead of another")
    func replayed() throws {
        var inserted = self.ledger.bodies
        inserted.insert(inserted[4], at: 10)
        #expect(try self.report(inserted).findings.map(\.kind) == [.replayed])
        #expect(try self.report(inserted).findings.map(\.entry) == [10])
        var replaced = self.ledger.bodies
        replaced[6] = replaced[13]
        #expect(try self.report(replaced).findings.map(\.kind) == [.replayed])
        #expect(try self.report(replaced).findings.map(\.entry) == [6])
    }

    @Test("a ledger that was written again contradicts the checkpoints from before", arguments: [0, 5, 12])
    func rewritten(index: Int) throws {
        let forged = self.ledger.rewritten(from: index)
        #expect(try self.report(forged).isSound, "nothing but a checkpoint can tell")
        let checkpoints = try [self.ledger.checkpoint(4), self.ledger.checkpoint(15)]
        let report = try self.report(forged, checkpoints: checkpoints)
        #expect(report.findings.map(\.kind) == [.rewritten])
        let firstUnproven: Int64 = index < 4 ? 0 : 4
        #expect(report.findings.first?.entry == firstUnproven)
    }

    @Test("entries that are cut off at the end are missed by an earlier checkpoint")
    func truncated() throws {
        let bodies = Array(self.ledger.bodies.prefix(17))
        let checkpoints = try [self.ledger.checkpoint(17), self.ledger.checkpoint(21)]
        let report = try self.report(bodies, checkpoints: checkpoints)
        #expect(report.findings.map(\.kind) == [.truncated])
        #expect(report.findings.first?.entry == 17)
        #expect(try self.report(bodies, checkpoints: [self.ledger.checkpoint(17)]).isSound)
    }

    @Test("a checkpoint by another key, of another ledger, or with a changed text is forged")
    func forgedCheckpoints() throws {
        let stranger = try NoteSigner(name: MemoryLedger.origin, privateKey: NoteSigner.makePrivateKey())
        let forged = try [
            self.ledger.checkpoint(by: stranger), self.ledger.checkpoint(origin: "another.ledger"),
            self.ledger.checkpoint().replacing("\n21\n", with: "\n22\n"), "nonsense",
        ]
        for note in forged {
            let report = try self.report(self.ledger.bodies, checkpoints: [note, self.ledger.checkpoint(3)])
            #expect(report.findings.map(\.kind) == [.forgedCheckpoint])
            #expect(report.checkpointCount == 1)
        }
    }

    @Test("another key's checkpoints count when the trusted key vouches for the entry that names it")
    func rotatedKey() throws {
        let old = try NoteSigner(name: MemoryLedger.origin, privateKey: NoteSigner.makePrivateKey())
        var ledger = self.ledger
        ledger.append(["action": "ledger.key", "publicKey": old.verifier.text])
        let before = try ledger.checkpoint(10, by: old)
        let unproven = try self.report(ledger.bodies, checkpoints: [before, ledger.checkpoint(21)])
        #expect(unproven.findings.map(\.kind) == [.forgedCheckpoint])
        let proven = try self.report(ledger.bodies, checkpoints: [before, ledger.checkpoint()])
        #expect(proven.isSound, "\(proven.findings)")
        #expect(proven.checkpointCount == 2)
        var longer = ledger
        longer.append(["action": "later"])
        let truncated = try self.report(ledger.bodies, checkpoints: [longer.checkpoint(by: old), ledger.checkpoint()])
        #expect(truncated.findings.map(\.kind) == [.truncated])
        var other = try MemoryLedger(entries: 2)
        other.append(["action": "another"])
        let rewritten = try self.report(ledger.bodies, checkpoints: [other.checkpoint(by: old), ledger.checkpoint()])
        #expect(rewritten.findings.map(\.kind) == [.rewritten])
    }

    @Test("two signed checkpoints that contradict each other are found")
    func contradiction() throws {
        var other = self.ledger
        other.append(["action": "here"])
        var another = self.ledger
        another.append(["action": "there"])
        let report = try self.report(other.bodies, checkpoints: [other.checkpoint(), another.checkpoint()])
        #expect(report.findings.map(\.kind) == [.forgedCheckpoint])
    }

    @Test("notes are taken apart at the line after their signatures")
    func notes() throws {
        let notes = try [self.ledger.checkpoint(3), self.ledger.checkpoint(9), self.ledger.checkpoint()]
        #expect(CheckpointNotes.split(notes.joined(separator: "\n")) == notes)
        #expect(CheckpointNotes.split(notes.joined()) == notes)
        #expect(CheckpointNotes.split(notes[0]) == [notes[0]])
        #expect(CheckpointNotes.split("").isEmpty)
    }
}

import FoundationEssentials
import MartletClient
import MartletTestSupport
import Testing

@Suite("Ledgers in files")
struct LedgerFileTests {
    private func write(_ ledger: MemoryLedger, _ bodies: [[UInt8]], to path: String) throws {
        let head = LedgerFile.headLine(origin: MemoryLedger.origin, publicKey: ledger.publicKey)
        let notes = try [5, bodies.count].filter { $0 <= ledger.bodies.count }.map { try ledger.checkpoint($0) }
        let lines = [head] + bodies + notes.map(LedgerFile.checkpointLine)
        try Data(lines.flatMap { $0 + [10] }).write(to: URL(filePath: path))
    }

    @Test("an exported ledger is verified without a server")
    func sound() async throws {
        let ledger = try MemoryLedger(entries: 3_000)
        try await withTemporaryFolder { path in
            try self.write(ledger, ledger.bodies, to: path)
            let file = try await LedgerFile(path: path)
            let report = try await file.verify(publicKey: ledger.publicKey)
            #expect(report.isSound, "\(report.findings)")
            #expect(report.entryCount == 3_000)
            #expect(report.checkpointCount == 2)
            #expect(file.publicKey == ledger.publicKey)
        }
    }

    @Test("a changed byte, a lost line and a checkpoint from elsewhere are found")
    func damaged() async throws {
        let ledger = try MemoryLedger(entries: 40)
        try await withTemporaryFolder { path in
            var bodies = ledger.bodies
            bodies[17][12] ^= 1
            try self.write(ledger, bodies, to: path)
            let report = try await LedgerFile(path: path).verify(publicKey: ledger.publicKey)
            #expect(report.findings.first?.entry == 17)
        }
        try await withTemporaryFolder { path in
            try self.write(ledger, Array(ledger.bodies.dropLast(3)), to: path)
            let file = try await LedgerFile(path: path)
            #expect(try await file.verify(publicKey: ledger.publicKey).isSound)
            let report = try await file.verify(publicKey: ledger.publicKey, checkpoints: [ledger.checkpoint()])
            #expect(report.findings.map(\.kind) == [.truncated])
            let stranger = try MemoryLedger(entries: 1)
            let foreign = try await file.verify(publicKey: stranger.publicKey)
            #expect(foreign.findings.map(\.kind) == [.forgedCheckpoint, .forgedCheckpoint])
        }
    }

    @Test("another file is refused")
    func otherFile() async throws {
        try await withTemporaryFolder { path in
            try Data("{\"format\":\"something\"}\n".utf8).write(to: URL(filePath: path))
            await #expect(throws: MartletClientError.self) { try await LedgerFile(path: path) }
        }
    }
}

import FoundationEssentials
import MartletCore
import MartletJournal
import MartletTestSupport
import Testing

/// A journal in a temporary folder, and what is done to it behind its back.
private struct JournalFolder {
    let path: String

    static func with(_ body: (JournalFolder) async throws -> Void) async throws {
        try await withTemporaryFolder { path in try await body(JournalFolder(path: path)) }
    }

    /// Opens it as a process does that is killed afterwards, or ends: nothing is said to be needed no more.
    @discardableResult
    func use(_ body: (Journal) async throws -> Void) async throws -> [[UInt8]] {
        let journal = try Journal(folder: self.path)
        try await body(journal)
        await journal.close()
        return journal.leftovers
    }

    /// What the next process would find.
    var leftovers: [[UInt8]] { get throws { try Journal.leftovers(in: self.path) } }

    func change(_ name: String, _ body: (inout [UInt8]) -> Void) throws {
        let url = URL(filePath: "\(self.path)/\(name)")
        var bytes = [UInt8](try Data(contentsOf: url))
        body(&bytes)
        try Data(bytes).write(to: url)
    }
}

extension Journal {
    fileprivate func append(_ record: String) async throws {
        let failure = await withCheckedContinuation { answer in
            self.append([Array(record.utf8)]) { answer.resume(returning: $0) }
        }
        if let failure { throw failure }
    }

    fileprivate func append(_ records: [String]) async throws {
        for record in records { try await self.append(record) }
    }
}

private func bytes(_ records: String...) -> [[UInt8]] { records.map { Array($0.utf8) } }

@Suite("The journal")
struct JournalTests {
    @Test("what was appended is there for the next process, in its order")
    func appended() async throws {
        try await JournalFolder.with { folder in
            try await folder.use { try await $0.append(["one", "", "three"]) }
            #expect(try folder.leftovers == bytes("one", "", "three"))
        }
    }

    @Test("a folder without a journal has nothing left over")
    func nothing() throws {
        #expect(try Journal.leftovers(in: "/nonexistent").isEmpty)
    }

    @Test("what is appended together is answered for in its order")
    func together() async throws {
        try await JournalFolder.with { folder in
            let count = 2_500
            try await folder.use { journal in
                let (answers, answer) = AsyncStream.makeStream(of: Int.self)
                for number in 0..<count {
                    journal.append([Array("\(number)".utf8)]) { failure in answer.yield(failure == nil ? number : -1) }
                }
                var answered: [Int] = []
                for await number in answers.prefix(count) { answered.append(number) }
                #expect(answered == Array(0..<count))
            }
            #expect(try folder.leftovers == (0..<count).map { Array("\($0)".utf8) })
        }
    }

    @Test("what has come to its place is forgotten, and what came after the turn is not")
    func turning() async throws {
        try await JournalFolder.with { folder in
            try await folder.use { journal in
                try await journal.append(["one", "two"])
                await journal.turn()
                try await journal.append("three")
                #expect(try folder.leftovers == bytes("one", "two", "three"))
                try journal.free()
                #expect(try folder.leftovers == bytes("three"))
            }
        }
    }

    @Test("without a free file there is no turn, and nothing is lost by that")
    func turningTwice() async throws {
        try await JournalFolder.with { folder in
            try await folder.use { journal in
                try await journal.append("one")
                await journal.turn()
                try await journal.append("two")
                await journal.turn()
                try await journal.append("three")
                try journal.free()
                #expect(try folder.leftovers == bytes("two", "three"))
            }
        }
    }

    @Test("what is left of earlier times behind the end of a file does not come back")
    func overwriting() async throws {
        try await JournalFolder.with { folder in
            try await folder.use { journal in
                for round in 0..<4 {
                    // The first two rounds fill both files, the others write over their beginnings.
                    try await journal.append((0..<(round < 2 ? 5 : 1)).map { "\(round) \($0)" })
                    await journal.turn()
                    if round < 3 { try journal.free() }
                }
            }
            #expect(try folder.leftovers == bytes("3 0"))
        }
    }

    @Test("leftovers are given to the next process until it says that they are in their place")
    func recovering() async throws {
        try await JournalFolder.with { folder in
            try await folder.use { journal in
                try await journal.append("one")
                await journal.turn()
                try await journal.append("two")
            }
            #expect(try await folder.use { _ in } == bytes("one", "two"))
            try await folder.use { try $0.forgetLeftovers() }
            #expect(try await folder.use { try await $0.append("three") }.isEmpty)
            #expect(try folder.leftovers == bytes("three"))
        }
    }

    @Test("a group that a crash cut short is nothing, and those before it are whole", arguments: [1, 8, 21, 30])
    func tearing(missing: Int) async throws {
        try await JournalFolder.with { folder in
            try await folder.use { try await $0.append(["one", "two", "three, which is longer"]) }
            try folder.change("0") { $0.removeLast(missing) }
            #expect(try folder.leftovers == bytes("one", "two"))
        }
    }

    @Test("a group of which one bit is another ends what is given back")
    func flipping() async throws {
        try await JournalFolder.with { folder in
            try await folder.use { try await $0.append(["one", "two", "three"]) }
            try folder.change("0") { bytes in bytes[bytes.count / 2] ^= 1 }
            #expect(try folder.leftovers == bytes("one"))
        }
    }

    @Test("bytes that are no journal hold nothing", arguments: [0, 1, 19, 20, 21, 4_096])
    func garbage(count: Int) async throws {
        try await JournalFolder.with { folder in
            try await folder.use { _ in }
            try folder.change("0") { $0 = [UInt8](repeating: 0xFF, count: count) }
            #expect(try folder.leftovers.isEmpty)
        }
    }
}

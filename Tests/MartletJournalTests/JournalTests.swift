import FoundationEssentials
import MartletCore
import MartletJournal
import MartletTestSupport
import NIOCore
import Testing

/// A text, and who is told what became of it.
private struct Line: JournalEntry {
    let text: String
    let answer: @Sendable (MartletError?) -> Void

    func write(to buffer: inout ByteBuffer) { buffer.writeString(self.text) }
}

/// A journal in a temporary folder, and what is done to it behind its back.
private struct TestJournal {
    let path: String

    static func with(_ body: (TestJournal) async throws -> Void) async throws {
        try await withTemporaryFolder { path in try await body(TestJournal(path: path)) }
    }

    /// Opens it as a process does that is killed afterwards, or ends: nothing is said to be needed no more.
    @discardableResult
    func use(_ body: (Journal<Line>) async throws -> Void) async throws -> [[UInt8]] {
        let files = try JournalFiles(folder: self.path)
        try await body(Journal(files) { lines, failure in for line in lines { line.answer(failure) } })
        await files.close()
        return files.leftovers
    }

    /// What the next process would find.
    var leftovers: [[UInt8]] { get throws { try JournalFiles.leftovers(in: self.path) } }

    func size(_ name: String) throws -> Int {
        try Data(contentsOf: URL(filePath: "\(self.path)/\(name)")).count
    }

    func change(_ name: String, _ body: (inout [UInt8]) -> Void) throws {
        let url = URL(filePath: "\(self.path)/\(name)")
        var bytes = [UInt8](try Data(contentsOf: url))
        body(&bytes)
        try Data(bytes).write(to: url)
    }
}

extension Journal<Line> {
    fileprivate func append(_ text: String) async throws {
        let failure = await withCheckedContinuation { answer in
            self.append(Line(text: text) { answer.resume(returning: $0) })
        }
        if let failure { throw failure }
    }

    fileprivate func append(_ texts: [String]) async throws {
        for text in texts { try await self.append(text) }
    }
}

private func bytes(_ records: String...) -> [[UInt8]] { records.map { Array($0.utf8) } }

@Suite("The journal")
struct JournalTests {
    @Test("what was appended is there for the next process, in its order")
    func appended() async throws {
        try await TestJournal.with { folder in
            try await folder.use { try await $0.append(["one", "", "three"]) }
            #expect(try folder.leftovers == bytes("one", "", "three"))
        }
    }

    @Test("a folder without a journal has nothing left over")
    func nothing() throws {
        #expect(try JournalFiles.leftovers(in: "/nonexistent").isEmpty)
    }

    @Test("what is appended together is answered for in its order")
    func together() async throws {
        try await TestJournal.with { folder in
            let count = 2_500
            try await folder.use { journal in
                let (answers, answer) = AsyncStream.makeStream(of: Int.self)
                for number in 0..<count {
                    journal.append(Line(text: "\(number)") { answer.yield($0 == nil ? number : -1) })
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
        try await TestJournal.with { folder in
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
        try await TestJournal.with { folder in
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
        try await TestJournal.with { folder in
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
        try await TestJournal.with { folder in
            try await folder.use { journal in
                try await journal.append("one")
                await journal.turn()
                try await journal.append("two")
            }
            #expect(try await folder.use { _ in } == bytes("one", "two"))
            let files = try JournalFiles(folder: folder.path)
            try files.forgetLeftovers()
            await files.close()
            #expect(try await folder.use { try await $0.append("three") }.isEmpty)
            #expect(try folder.leftovers == bytes("three"))
        }
    }

    @Test("a group that a crash cut short is nothing, and those before it are whole", arguments: [1, 8, 21, 30])
    func tearing(missing: Int) async throws {
        try await TestJournal.with { folder in
            try await folder.use { try await $0.append(["one", "two", "three, which is longer"]) }
            try folder.change("0") { bytes in
                // What is written is followed by room for more.
                let end = bytes.lastIndex { $0 != 0 } ?? 0
                bytes.removeSubrange((end + 1 - missing)...)
            }
            #expect(try folder.leftovers == bytes("one", "two"))
        }
    }

    @Test("a group of which one bit is another ends what is given back")
    func flipping() async throws {
        try await TestJournal.with { folder in
            try await folder.use { try await $0.append(["one", "two", "three"]) }
            // Three frames of a head, a length, and the text.
            try folder.change("0") { bytes in bytes[(20 + 4 + 3) + 20 + 4] ^= 1 }
            #expect(try folder.leftovers == bytes("one"))
        }
    }

    @Test("a file has room for many groups, so that most do not make it longer")
    func growing() async throws {
        try await TestJournal.with { folder in
            try await folder.use { journal in
                try await journal.append("one")
                let size = try folder.size("0")
                try await journal.append(["two", "three"])
                #expect(try folder.size("0") == size)
                try await journal.append(String(repeating: "x", count: size))
                #expect(try folder.size("0") > size)
            }
            #expect(
                try folder.leftovers.map(\.first) == [
                    UInt8(ascii: "o"), UInt8(ascii: "t"), UInt8(ascii: "t"), UInt8(ascii: "x"),
                ]
            )
        }
    }

    @Test("bytes that are no journal hold nothing", arguments: [0, 1, 19, 20, 21, 4_096])
    func garbage(count: Int) async throws {
        try await TestJournal.with { folder in
            try await folder.use { _ in }
            try folder.change("0") { $0 = [UInt8](repeating: 0xFF, count: count) }
            #expect(try folder.leftovers.isEmpty)
        }
    }
}

import FoundationEssentials
import MartletBlobs
import MartletCore
import MartletTestSupport
import NIOCore
import Testing

@Suite("Reading from the local blob store")
struct BlobReadingTests {
    @Test(
        "any range is exactly what was asked for",
        arguments: [0..<0, 0..<1, 5..<6, 0..<262_144, 262_143..<262_145, 100..<900_001, 999_999..<1_000_000]
    )
    func ranges(range: Range<Int64>) async throws {
        try await BlobFolder.with { folder in
            let content = content(1_000_000)
            let blob = try await folder.store(content)
            let expected = content[Int(range.lowerBound)..<Int(range.upperBound)]
            #expect(try await folder.read(blob, range) == Array(expected))
        }
    }

    @Test("bytes that somebody counts on and that are not there are an integrity error")
    func missingBytes() async throws {
        try await BlobFolder.with { folder in
            let absent = StoredBlob(digest: digest(of: [1]), size: 1)
            #expect(try await errorCode { _ = try await folder.read(absent) } == .integrity)
            let blob = try await folder.store(content(100))
            #expect(try await errorCode { _ = try await folder.read(blob, 50..<101) } == .integrity)
        }
    }

    @Test("a file that becomes shorter while it is read is an integrity error, not a short answer")
    func shrinkingFile() async throws {
        try await BlobFolder.with { folder in
            let blob = try await folder.store(content(3_000_000))
            let bytes = try await folder.store.read(blob.digest, 0..<blob.size)
            try Data([1, 2, 3]).write(to: URL(filePath: folder.storedPath(of: blob.digest)))
            #expect(
                try await errorCode {
                    for try await _ in bytes {}
                } == .integrity
            )
        }
    }

    @Test("everything is listed once, in the order of the digests")
    func listing() async throws {
        try await BlobFolder.with { folder in
            #expect(try await folder.allStored() == [])
            var stored: [StoredBlob] = []
            for seed in 1...600 { stored.append(try await folder.store(content(20, seed: UInt64(seed)))) }
            try Data().write(to: URL(filePath: "\(folder.path)/plain/00/not-ours"))
            #expect(try await folder.allStored() == stored.sorted { "\($0.digest)" < "\($1.digest)" })
        }
    }

    @Test("what is stored outlives the process, and what is deleted is gone")
    func deletion() async throws {
        try await BlobFolder.with { folder in
            let blob = try await folder.store(content(100))
            let reopened = try LocalBlobStore(root: folder.path)
            #expect(try await reopened.size(of: blob.digest) == 100)
            try await reopened.delete(blob.digest)
            try await reopened.delete(blob.digest)
            #expect(try await folder.store.size(of: blob.digest) == nil)
            try await reopened.close()
        }
    }

    @Test("a changed or missing byte is found")
    func verification() async throws {
        try await BlobFolder.with { folder in
            var content = content(1_000_000)
            let blob = try await folder.store(content)
            #expect(try await folder.store.isIntact(blob))
            content[654_321] ^= 1
            try Data(content).write(to: URL(filePath: folder.storedPath(of: blob.digest)))
            #expect(try await !folder.store.isIntact(blob))
            try Data(content.prefix(10)).write(to: URL(filePath: folder.storedPath(of: blob.digest)))
            #expect(try await !folder.store.isIntact(blob))
        }
    }
}

@Suite("Parts in the local blob store")
struct StagedPartTests {
    @Test("parts become one file, in the order in which they are named")
    func assembly() async throws {
        try await BlobFolder.with { folder in
            let pieces = [content(3_000_000, seed: 1), content(5, seed: 2), [], content(2_097_152, seed: 3)]
            var parts: [StagedPart] = []
            for piece in pieces.reversed() { parts.insert(try await folder.stage(piece), at: 0) }
            #expect(parts.map(\.digest) == pieces.map(digest))
            #expect(try await folder.allStored() == [])
            let blob = try await folder.store.assemble(parts).commit()
            #expect(try await folder.read(blob) == pieces.flatMap(\.self))
            #expect(blob.digest == digest(of: pieces.flatMap(\.self)))
        }
    }

    @Test("parts stay until they are removed, once or twice")
    func removal() async throws {
        try await BlobFolder.with { folder in
            let part = try await folder.stage(content(10))
            #expect(try await folder.store.listStaged() == [part.id])
            try await folder.store.removeStaged([part.id])
            try await folder.store.removeStaged([part.id])
            #expect(try await folder.store.listStaged() == [])
        }
    }

    @Test("a missing part leaves nothing behind")
    func missingPart() async throws {
        try await BlobFolder.with { folder in
            let parts = [try await folder.stage(content(3_000_000)), try await folder.stage(content(10))]
            try await folder.store.removeStaged([parts[1].id])
            #expect(try await errorCode { _ = try await folder.store.assemble(parts) } == .integrity)
            #expect(try await folder.store.listStaged() == [parts[0].id])
            #expect(try await folder.allStored() == [])
        }
    }

    @Test(
        "only what a store has made up names a part",
        arguments: ["", "..", "../plain", "ABCDEF", "0123456789abcdef"]
    )
    func names(text: String) {
        #expect(StagedPartID(text) == nil)
    }
}

import FoundationEssentials
import MartletBlobs
import MartletCore
import MartletTestSupport
import NIOCore
import Testing

@Suite("Reading from the local blob store")
struct BlobReadingTests {
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
    @Test(
        "only what a store has made up names a part",
        arguments: ["", "..", "../plain", "ABCDEF", "0123456789abcdef"]
    )
    func names(text: String) {
        #expect(StagedPartID(text) == nil)
    }
}

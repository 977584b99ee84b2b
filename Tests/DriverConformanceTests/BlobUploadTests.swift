import MartletBlobs
import MartletCore
import MartletTestSupport
import NIOCore
import Testing

/// Around the size of a disk block, of a local upload's buffers and of an object store's parts.
private let sizes = [
    0, 1, 4_095, 4_096, 4_097, 262_144, 262_145, 2_097_152, 10_485_761, 16_777_215, 16_777_216, 16_777_217, 70_000_003,
]

@Suite("every blob store: uploads")
struct BlobUploadTests {
    @Test("a file of any size comes back as it was", arguments: eachStore(with: sizes))
    func roundTrip(driver: BlobStoreUnderTest, size: Int) async throws {
        try await driver.withStore { store in
            let content = content(size)
            let blob = try await store.store(content)
            #expect(blob == StoredBlob(digest: digest(of: content), size: Int64(size)))
            #expect(try await store.size(of: blob.digest) == Int64(size))
            #expect(try await store.content(of: blob) == content)
            #expect(try await store.listStaged() == [])
        }
    }

    @Test(
        "how the bytes are cut on the way makes no difference",
        arguments: eachStore(with: [1_000, 65_537, 20_000_000])
    )
    func pieces(driver: BlobStoreUnderTest, pieceBytes: Int) async throws {
        try await driver.withStore { store in
            let content = content(20_000_000)
            let blob = try await store.store(content, inPiecesOf: pieceBytes)
            #expect(blob.digest == digest(of: content))
            #expect(try await store.content(of: blob) == content)
        }
    }

    @Test("equal bytes are stored once", arguments: eachStore(with: [10, 20_000_000]))
    func sameBytesTwice(driver: BlobStoreUnderTest, size: Int) async throws {
        try await driver.withStore { store in
            let content = content(size)
            let first = try await store.store(content)
            #expect(try await store.store(content) == first)
            #expect(try await store.allStored() == [first])
        }
    }

    @Test("equal bytes that arrive at the same time are stored", arguments: eachStore(with: [10, 20_000_000]))
    func sameBytesAtOnce(driver: BlobStoreUnderTest, size: Int) async throws {
        try await driver.withStore { store in
            let content = content(size)
            try await withThrowingTaskGroup { group in
                for _ in 1...3 {
                    group.addTask {
                        let blob = try await store.store(content)
                        #expect(try await store.content(of: blob) == content)
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await store.allStored().count == 1)
        }
    }

    @Test("nothing is visible before the commit", arguments: eachStore(with: [9_000_000, 20_000_000]))
    func invisibility(driver: BlobStoreUnderTest, size: Int) async throws {
        try await driver.withStore { store in
            let content = content(size)
            let upload = try await store.beginUpload()
            try await upload.append(content, inPiecesOf: 65_536)
            #expect(try await upload.seal().digest == digest(of: content))
            #expect(try await store.allStored() == [])
            #expect(try await store.size(of: digest(of: content)) == nil)
            let blob = try await upload.commit()
            #expect(try await store.size(of: blob.digest) == blob.size)
        }
    }

    @Test("a discarded upload leaves nothing", arguments: eachStore(with: [0, 10, 3_000_000, 40_000_000]))
    func discarding(driver: BlobStoreUnderTest, size: Int) async throws {
        try await driver.withStore { store in
            let upload = try await store.beginUpload()
            try await upload.append(content(size), inPiecesOf: 65_536)
            await upload.discard()
            #expect(try await store.allStored() == [])
            #expect(try await store.listStaged() == [])
        }
    }

    @Test("a discard after a commit takes nothing away", arguments: eachStore(with: [10, 20_000_000]))
    func discardingLate(driver: BlobStoreUnderTest, size: Int) async throws {
        try await driver.withStore { store in
            let content = content(size)
            let upload = try await store.beginUpload()
            try await upload.append(content, inPiecesOf: 65_536)
            let blob = try await upload.commit()
            await upload.discard()
            #expect(try await store.content(of: blob) == content)
        }
    }

    @Test("many uploads at once do not mix", arguments: BlobStoreUnderTest.available)
    func concurrency(driver: BlobStoreUnderTest) async throws {
        try await driver.withStore { store in
            try await withThrowingTaskGroup { group in
                for seed in 1...12 {
                    group.addTask {
                        let content = content(5_000_000 * (1 + seed % 4), seed: UInt64(seed))
                        let blob = try await store.store(content)
                        #expect(blob.digest == digest(of: content))
                        #expect(try await store.content(of: blob) == content)
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await store.allStored().count == 12)
        }
    }
}

import FoundationEssentials
import MartletBlobs
import MartletCore
import MartletTestSupport
import NIOCore
import Testing

/// Around the size of a disk block and of an upload's buffer, and more than all its buffers together.
private let sizes = [
    0, 1, 4_095, 4_096, 4_097, 1_048_575, 1_048_576, 1_048_577, 2_097_151, 2_097_152, 2_097_153, 3_145_735, 10_485_760,
    17_000_003,
]

@Suite("Uploads to the local blob store")
struct BlobUploadTests {
    @Test("a file of any size comes back as it was", arguments: sizes)
    func roundTrip(size: Int) async throws {
        try await BlobFolder.with { folder in
            let content = content(size)
            let blob = try await folder.store(content)
            #expect(blob == StoredBlob(digest: digest(of: content), size: Int64(size)))
            #expect(try await folder.read(blob) == content)
            #expect(try folder.stagedNames() == [])
        }
    }

    @Test("a file system that does not bypass its cache will do", arguments: [4_097, 4_194_305])
    func memoryFileSystem(size: Int) async throws {
        let parent = FileManager.default.fileExists(atPath: "/dev/shm") ? "/dev/shm" : "/tmp"
        try await BlobFolder.with(parent: parent) { folder in
            let content = content(size)
            let blob = try await folder.store(content)
            #expect(try await folder.read(blob) == content)
        }
    }

    @Test("equal bytes are stored once", arguments: [10, 5_000_000])
    func sameBytesTwice(size: Int) async throws {
        try await BlobFolder.with { folder in
            let content = content(size)
            let first = try await folder.store(content)
            #expect(try await folder.store(content) == first)
            #expect(try await folder.allStored() == [first])
            #expect(try folder.stagedNames() == [])
        }
    }

    @Test("bytes that were damaged on the disk are replaced when they are uploaded again")
    func replacement() async throws {
        try await BlobFolder.with { folder in
            let content = content(100_000)
            let blob = try await folder.store(content)
            try Data(content.prefix(10)).write(to: URL(filePath: folder.storedPath(of: blob.digest)))
            #expect(try await folder.store(content) == blob)
            #expect(try await folder.read(blob) == content)
        }
    }

    @Test("a discarded upload leaves nothing", arguments: [0, 10, 3_000_000, 17_000_000])
    func discarding(size: Int) async throws {
        try await BlobFolder.with { folder in
            let upload = try await folder.store.beginUpload()
            try await upload.append(content(size), inPiecesOf: 65_536)
            await upload.discard()
            #expect(try folder.stagedNames() == [])
            #expect(try await folder.allStored() == [])
        }
    }

    @Test("an upload fails when its disk does, says so at once, and can be discarded")
    func failure() async throws {
        try await BlobFolder.with { folder in
            let upload = try await folder.store.beginUpload()
            try FileManager.default.removeItem(atPath: "\(folder.path)/staging")
            let code = try await errorCode {
                for _ in 0..<1_000 { try await upload.append(ByteBuffer(repeating: 1, count: 1 << 20)) }
            }
            #expect(code == .internal)
            await upload.discard()
        }
    }

    @Test("an upload into a store that is closed fails")
    func closedStore() async throws {
        try await BlobFolder.with { folder in
            let store = try LocalBlobStore(root: "\(folder.path)/other")
            let upload = try await store.beginUpload()
            try await store.close()
            try await upload.append(ByteBuffer(string: "abc"))
            #expect(try await errorCode { _ = try await upload.commit() } == .unavailable)
        }
    }
}

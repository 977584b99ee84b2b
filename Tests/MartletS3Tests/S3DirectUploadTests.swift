import AsyncHTTPClient
import MartletBlobs
import MartletCore
import MartletS3
import MartletTestSupport
import NIOCore
import NIOHTTP1
import Testing

@Suite("Uploads whose parts go to the object store itself", .enabled(if: !S3TestServer.isRuledOut))
struct S3DirectUploadTests {
    private static let tomorrow = Timestamp(milliseconds: 4_102_444_800_000)
    private static let sizes = [1, 16_777_216, 16_777_217, 30_000_000]

    @Test("a file of any size is there under its digest, and nothing else is left", arguments: sizes)
    func roundTrip(size: Int) async throws {
        try await withStore { store in
            let content = content(size)
            let (id, tags) = try await Self.send(content, to: store)
            let file = try await store.joinDirectUpload(id, tags)
            let blob = try await file.commit()
            #expect(blob == StoredBlob(digest: digest(of: content), size: Int64(size)))
            try await store.removeDirectUpload(id)
            #expect(try await store.content(of: blob) == content)
            #expect(try await Self.isTidy(store, dataCount: size > 16_777_216 ? 1 : 0))
        }
    }

    @Test("each step can be repeated, as after a crash in between", arguments: sizes)
    func repetition(size: Int) async throws {
        try await withStore { store in
            let (id, tags) = try await Self.send(content(size), to: store)
            for _ in 1...2 {
                _ = try await store.joinDirectUpload(id, tags).seal()
                _ = try await store.joinDirectUpload(id, tags).commit()
            }
            for _ in 1...2 { try await store.removeDirectUpload(id) }
            #expect(try await store.isIntact(store.allStored()[0]))
            #expect(try await Self.isTidy(store, dataCount: size > 16_777_216 ? 1 : 0))
        }
    }

    @Test("bytes that are stored already are stored once")
    func presentBytes() async throws {
        try await withStore { store in
            let blob = try await store.store(content(30_000_000))
            let (id, tags) = try await Self.send(content(30_000_000), to: store)
            #expect(try await store.joinDirectUpload(id, tags).commit() == blob)
            try await store.removeDirectUpload(id)
            #expect(try await store.isIntact(blob))
            #expect(try await Self.isTidy(store, dataCount: 1))
        }
    }

    @Test("an upload that is given up leaves nothing, joined or not", arguments: [false, true])
    func removal(isJoined: Bool) async throws {
        try await withStore { store in
            let (id, tags) = try await Self.send(content(20_000_000), to: store)
            if isJoined { _ = try await store.joinDirectUpload(id, tags).seal() }
            try await store.removeDirectUpload(id)
            #expect(try await store.allStored() == [])
            #expect(try await Self.isTidy(store, dataCount: 0))
            #expect(try await errorCode { _ = try await store.joinDirectUpload(id, tags) } == .notFound)
        }
    }

    @Test("what is old is swept, but no bytes that have a digest, and no mark of an upload that is young")
    func sweep() async throws {
        try await withStore { store in
            _ = try await Self.send(content(6_000_000), to: store)
            let (id, tags) = try await Self.send(content(20_000_000), to: store)
            let blob = try await store.joinDirectUpload(id, tags).commit()
            try await store.removeUnfinished(before: Self.tomorrow, direct: Timestamp(milliseconds: 0))
            #expect(try await store.client.listAll(store.layout.pending).count == 1)
            try await store.removeUnfinished(before: Self.tomorrow, direct: Self.tomorrow)
            #expect(try await store.isIntact(blob))
            #expect(try await Self.isTidy(store, dataCount: 1))
        }
    }

    @Test("parts that are not the ones that arrived, or are too short, are the sender's mistake")
    func wrongParts() async throws {
        try await withStore { store in
            let (id, tags) = try await Self.send(content(6_000_000), to: store)
            let wrong = [String(tags[0].reversed())] + tags.dropFirst()
            #expect(try await errorCode { _ = try await store.joinDirectUpload(id, wrong) } == .invalidArgument)
            let (short, shortTags) = try await Self.send(content(1_000), to: store, partBytes: 400)
            #expect(try await errorCode { _ = try await store.joinDirectUpload(short, shortTags) } == .invalidArgument)
            // The upload goes on.
            _ = try await store.joinDirectUpload(id, tags).commit()
        }
    }

    /// Does what a client does, and returns what the store answers for each part.
    private static func send(
        _ content: [UInt8],
        to store: S3BlobStore,
        partBytes: Int = 5 << 20
    ) async throws -> (StagedPartID, [String]) {
        let id = StagedPartID.random()
        let partCount = (content.count + partBytes - 1) / partBytes
        let addresses = try await store.beginDirectUpload(id, partCount: partCount)
        var tags: [String] = []
        for (number, address) in addresses.enumerated() {
            var request = HTTPClientRequest(url: address)
            request.method = .PUT
            request.body = .bytes(Array(content[(number * partBytes)...].prefix(partBytes)))
            let answer = try await HTTPClient.shared.execute(request, timeout: .seconds(300))
            _ = try await answer.body.collect(upTo: 1 << 20)
            tags.append(try #require(answer.headers.first(name: "etag")).filter { $0 != "\"" })
        }
        return (id, tags)
    }

    private static func isTidy(_ store: S3BlobStore, dataCount: Int) async throws -> Bool {
        for place in [store.layout.direct, store.layout.pending, store.layout.staging] {
            guard try await store.client.listAll(place).isEmpty else { return false }
        }
        let uploads = try await store.client.listUploads(store.layout.data).entries
        let data = try await store.client.listAll(store.layout.data)
        return uploads.isEmpty && data.count == dataCount
    }

    private func withStore(_ body: (S3BlobStore) async throws -> Void) async throws {
        try await S3TestServer.shared(.seaweedfs).settings().withStore(body)
    }
}

import MartletBlobs
import MartletCore
import MartletTestSupport
import NIOCore
import Testing

@Suite("every blob store: reading")
struct BlobReadingTests {
    private static let smallFileRanges: [Range<Int64>] = [
        0..<0, 0..<1, 5..<6, 0..<262_144, 262_143..<262_145, 100..<900_001, 999_999..<1_000_000, 1_000_000..<1_000_000,
    ]
    private static let largeFileRanges: [Range<Int64>] = [
        0..<0, 0..<1, 3..<70, 16_777_000..<16_778_000, 0..<20_000_000, 19_999_999..<20_000_000,
    ]

    @Test("any range is exactly what was asked for", arguments: BlobStoreUnderTest.available)
    func ranges(driver: BlobStoreUnderTest) async throws {
        try await driver.withStore { store in
            for (size, ranges) in [(1_000_000, Self.smallFileRanges), (20_000_000, Self.largeFileRanges)] {
                let content = content(size)
                let blob = try await store.store(content)
                for range in ranges {
                    let expected = content[Int(range.lowerBound)..<Int(range.upperBound)]
                    #expect(try await store.content(of: blob, range) == Array(expected), "\(range)")
                }
            }
        }
    }

    @Test(
        "bytes that somebody counts on and that are not there are an integrity error",
        arguments: Self.driversAndSizes
    )
    func missingBytes(driver: BlobStoreUnderTest, size: Int) async throws {
        try await driver.withStore { store in
            let absent = StoredBlob(digest: digest(of: [1]), size: Int64(size))
            #expect(try await errorCode { _ = try await store.content(of: absent) } == .integrity)
            let blob = try await store.store(content(size))
            let end = Int64(size)
            #expect(try await errorCode { _ = try await store.content(of: blob, end - 50..<end + 1) } == .integrity)
            #expect(try await errorCode { _ = try await store.content(of: blob, end + 1..<end + 2) } == .integrity)
            #expect(try await errorCode { _ = try await store.content(of: blob, end + 1..<end + 1) } == .integrity)
        }
    }

    @Test("a file of which only the beginning is read does no harm", arguments: Self.driversAndSizes)
    func abandonedReading(driver: BlobStoreUnderTest, size: Int) async throws {
        try await driver.withStore { store in
            let content = content(size)
            let blob = try await store.store(content)
            for _ in 1...20 {
                var iterator = try await store.read(blob.digest, 0..<blob.size).makeAsyncIterator()
                #expect(try await iterator.next()?.readableBytes ?? 0 > 0)
            }
            #expect(try await store.content(of: blob) == content)
        }
    }

    @Test("everything is listed once, in the order of the digests", arguments: BlobStoreUnderTest.available)
    func listing(driver: BlobStoreUnderTest) async throws {
        try await driver.withStore { store in
            #expect(try await store.allStored() == [])
            var stored: [StoredBlob] = []
            for seed in 1...60 { stored.append(try await store.store(content(20, seed: UInt64(seed)))) }
            stored.append(try await store.store(content(20_000_000)))
            stored.sort { "\($0.digest)" < "\($1.digest)" }
            #expect(try await store.allStored() == stored)
            let rest = try await store.list(after: stored[20].digest)
            #expect(rest.first == stored[21])
        }
    }

    @Test("what is deleted is gone, once or twice, and can be stored again", arguments: Self.driversAndSizes)
    func deletion(driver: BlobStoreUnderTest, size: Int) async throws {
        try await driver.withStore { store in
            let blob = try await store.store(content(size))
            try await store.delete(blob.digest)
            try await store.delete(blob.digest)
            #expect(try await store.size(of: blob.digest) == nil)
            #expect(try await store.allStored() == [])
            _ = try await store.store(content(size))
            #expect(try await store.isIntact(blob))
        }
    }

    private static let driversAndSizes = eachStore(with: [100, 20_000_000])
}

@Suite("every blob store: parts")
struct StagedPartTests {
    @Test("parts become one file, in the order in which they are named", arguments: BlobStoreUnderTest.available)
    func assembly(driver: BlobStoreUnderTest) async throws {
        try await driver.withStore { store in
            let pieces = [content(3_000_000, seed: 1), content(5, seed: 2), [], content(20_000_000, seed: 3)]
            var parts: [StagedPart] = []
            for piece in pieces.reversed() { parts.insert(try await store.stage(piece), at: 0) }
            #expect(parts.map(\.digest) == pieces.map(digest))
            #expect(try await store.allStored() == [])
            let blob = try await store.assemble(parts).commit()
            #expect(try await store.content(of: blob) == pieces.flatMap(\.self))
            #expect(blob.digest == digest(of: pieces.flatMap(\.self)))
            #expect(Set(try await store.listStaged()) == Set(parts.map(\.id)))
        }
    }

    @Test("parts stay until they are removed, once or twice", arguments: eachStore(with: [10, 20_000_000]))
    func removal(driver: BlobStoreUnderTest, size: Int) async throws {
        try await driver.withStore { store in
            let part = try await store.stage(content(size))
            #expect(try await store.listStaged() == [part.id])
            try await store.removeStaged([part.id])
            try await store.removeStaged([part.id])
            #expect(try await store.listStaged() == [])
            #expect(try await errorCode { _ = try await store.assemble([part]) } == .integrity)
        }
    }

    @Test("a discard undoes a part", arguments: eachStore(with: [10, 20_000_000]))
    func discarding(driver: BlobStoreUnderTest, size: Int) async throws {
        try await driver.withStore { store in
            let upload = try await store.beginUpload()
            try await upload.append(content(size), inPiecesOf: 65_536)
            _ = try await upload.stage()
            await upload.discard()
            #expect(try await store.listStaged() == [])
        }
    }

    @Test("a missing part leaves nothing behind", arguments: BlobStoreUnderTest.available)
    func missingPart(driver: BlobStoreUnderTest) async throws {
        try await driver.withStore { store in
            let parts = [try await store.stage(content(3_000_000)), try await store.stage(content(10))]
            try await store.removeStaged([parts[1].id])
            #expect(try await errorCode { _ = try await store.assemble(parts) } == .integrity)
            #expect(try await store.listStaged() == [parts[0].id])
            #expect(try await store.allStored() == [])
        }
    }
}

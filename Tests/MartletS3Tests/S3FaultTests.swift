import MartletBlobs
import MartletCore
import MartletS3
import MartletTestSupport
import NIOCore
import Testing

/// A real store behind a proxy that spoils connections.
private func withSpoiltStore(
    _ body: @Sendable @escaping (S3BlobStore, FaultyProxy) async throws -> Void
) async throws {
    let server = try await S3TestServer.shared(.seaweedfs)
    try await FaultyProxy.with(server.endpoint) { proxy, endpoint in
        var settings = server.settings(endpoint: endpoint)
        // The machine is busy with all the other tests.
        settings.policy.patience = .seconds(180)
        try await settings.withStore { try await body($0, proxy) }
    }
}

@Suite("An object store that fails now and then", .enabled(if: !S3TestServer.isRuledOut))
struct S3FaultTests {
    @Test("a store that is busy for a moment is asked again", arguments: [100, 40_000_000])
    func slowDown(size: Int) async throws {
        try await withSpoiltStore { store, proxy in
            // The connections that are open already work.
            proxy.add(Array(repeating: .slowDown, count: 3))
            let content = content(size)
            let blobs = try await withThrowingTaskGroup { group in
                for _ in 1...4 { group.addTask { try await store.store(content) } }
                return try await group.reduce(into: [StoredBlob]()) { $0.append($1) }
            }
            #expect(proxy.remainingCount == 0)
            #expect(try await store.content(of: blobs[0]) == content)
        }
    }

    @Test("a store that stays busy is given up, and says so")
    func alwaysBusy() async throws {
        let server = try await S3TestServer.shared(.seaweedfs)
        try await FaultyProxy.with(server.endpoint, Array(repeating: .slowDown, count: 100)) { proxy, endpoint in
            var settings = server.settings(endpoint: endpoint)
            settings.policy.firstPause = .milliseconds(1)
            let error = await #expect(throws: MartletError.self) { try await settings.withStore { _ in } }
            #expect(error?.code == .unavailable)
            #expect(error?.message.contains("busy") == true)
            #expect(proxy.remainingCount == 94)
        }
    }

    @Test("a store that answers nothing is given up in time, also when there is something to clean up")
    func stalled() async throws {
        let server = try await S3TestServer.shared(.seaweedfs)
        try await FaultyProxy.with(server.endpoint) { proxy, endpoint in
            var settings = server.settings(endpoint: endpoint)
            // Long enough for a machine that is busy with other tests, before the store stalls.
            settings.policy.patience = .seconds(10)
            try await settings.withStore { store in
                var uploads: [any BlobUpload] = []
                for size in [100, 40_000_000] {
                    let upload = try await store.beginUpload()
                    try await upload.append(content(size), inPiecesOf: 1 << 20)
                    uploads.append(upload)
                }
                proxy.stall()
                let start = ContinuousClock.now
                for upload in uploads {
                    let code = try await errorCode { _ = try await upload.commit() }
                    #expect(code == .unavailable)
                    await upload.discard()
                }
                // Twice the patience, and some for the removal of what is left.
                #expect(ContinuousClock.now - start < .seconds(60))
                #expect(store.parts.grantedCount == 0)
            }
        }
    }

    @Test("a server does not start for long with a store that answers nothing")
    func stalledAtStart() async throws {
        let server = try await S3TestServer.shared(.seaweedfs)
        try await FaultyProxy.with(server.endpoint) { proxy, endpoint in
            proxy.stall()
            let duration = await ContinuousClock().measure {
                var settings = server.settings(endpoint: endpoint)
                settings.startPatience = .seconds(15)
                let stalled = settings
                let error = await #expect(throws: MartletError.self) { try await stalled.withStore { _ in } }
                #expect(error?.message.contains("--s3-endpoint") == true)
            }
            // A request at another time would be given 90.
            #expect(duration < .seconds(60))
        }
    }

    @Test("a download whose connection breaks again and again arrives whole")
    func brokenDownload() async throws {
        try await withSpoiltStore { store, proxy in
            let content = content(5_000_000)
            let blob = try await store.store(content)
            try await withThrowingTaskGroup { group in
                proxy.add([700_000, 1_000_000, 300, 900_000, 10].map { .cut(afterBytes: $0) })
                // More at once than there are connections left over.
                for _ in 1...6 {
                    group.addTask { () async throws in #expect(try await store.content(of: blob) == content) }
                }
                try await group.waitForAll()
            }
            #expect(proxy.remainingCount == 0)
        }
    }

    @Test("an upload whose connections break arrives whole", arguments: [1_000_000, 60_000_000])
    func brokenUpload(size: Int) async throws {
        try await withSpoiltStore { store, proxy in
            proxy.add([.cut(afterBytes: 1), .cut(afterBytes: 1), .slowDown, .cut(afterBytes: 200)])
            let content = content(size)
            try await withThrowingTaskGroup { group in
                for _ in 1...5 {
                    group.addTask { () async throws in
                        #expect(try await store.store(content).digest == digest(of: content))
                    }
                }
                try await group.waitForAll()
            }
            #expect(proxy.remainingCount == 0)
            #expect(try await store.allStored().count == 1)
            #expect(try await store.content(of: store.allStored()[0]) == content)
        }
    }
}

@Suite("What uploads leave in an object store", .enabled(if: !S3TestServer.isRuledOut))
struct S3SweepTests {
    @Test("an upload that never ended is swept when it is old, and not before")
    func abandonedUpload() async throws {
        try await withStore { store in
            let upload = try await store.beginUpload()
            try await upload.append(content(40_000_000), inPiecesOf: 1 << 20)
            try await store.removeUnfinished()
            #expect(try await Self.uploadCount(store) == 1)
            try await store.removeUnfinished(before: Self.tomorrow, direct: Self.tomorrow)
            #expect(try await Self.uploadCount(store) == 0)
            await upload.discard()
        }
    }

    @Test("bytes that were never published are swept, and published ones stay")
    func interruptedPublication() async throws {
        try await withStore { store in
            let blob = try await store.store(content(20_000_000))
            let published = try #require(try await store.client.listAll(store.layout.data).first)
            let id = try #require(StagedPartID(String(published.key.dropFirst(store.layout.data.count))))
            // As after a crash before, and after one behind the decisive request.
            let lost = StagedPartID.random()
            try await store.client.put(store.layout.data(lost), text: "bytes")
            try await store.client.put(store.layout.pending(lost, digest(of: [1])), text: "")
            try await store.client.put(store.layout.pending(id, blob.digest), text: "")
            try await store.removeUnfinished(before: Self.tomorrow, direct: Self.tomorrow)
            #expect(try await store.client.listAll(store.layout.pending).isEmpty)
            #expect(try await store.client.listAll(store.layout.data).map(\.key) == [published.key])
            #expect(try await store.isIntact(blob))
        }
    }

    @Test("equal large files that arrive at once leave one copy and no marks")
    func noGarbage() async throws {
        try await withStore { store in
            let content = content(20_000_000)
            try await withThrowingTaskGroup { group in
                for _ in 1...4 { group.addTask { _ = try await store.store(content) } }
                try await group.waitForAll()
            }
            #expect(try await store.client.listAll(store.layout.data).count == 1)
            #expect(try await store.client.listAll(store.layout.pending).isEmpty)
            #expect(try await Self.uploadCount(store) == 0)
        }
    }

    @Test("a large file whose bytes somebody removed behind our back is replaced by an upload")
    func healing() async throws {
        try await withStore { store in
            let blob = try await store.store(content(20_000_000))
            for object in try await store.client.listAll(store.layout.data) {
                try await store.client.delete(object.key)
            }
            #expect(try await errorCode { _ = try await store.content(of: blob) } == .integrity)
            _ = try await store.store(content(20_000_000))
            #expect(try await store.isIntact(blob))
        }
    }

    @Test("only old parts count as abandoned, for others may be another server's")
    func abandonedParts() async throws {
        try await withStore { store in
            let part = try await store.stage(content(10))
            #expect(try await store.listAbandoned() == [])
            #expect(try await store.listStaged(before: Self.tomorrow) == [part.id])
        }
    }

    @Test("an upload has four parts in memory at most, whatever its size, and gives them back")
    func memory() async throws {
        try await withStore { store in
            _ = try await store.store(content(150_000_000), inPiecesOf: 1 << 20)
            #expect(store.parts.grantedCountPeak <= 4)
            #expect(store.parts.grantedCount == 0)
        }
    }

    private static let tomorrow = Timestamp(milliseconds: 4_102_444_800_000)

    private static func uploadCount(_ store: S3BlobStore) async throws -> Int {
        try await store.client.listUploads(store.layout.data).entries.count
    }

    private func withStore(_ body: (S3BlobStore) async throws -> Void) async throws {
        try await S3TestServer.shared(.seaweedfs).settings().withStore(body)
    }
}

import Logging
import MartletBlobs
import MartletCore
import MartletSQL
import MartletSQLite
import MartletServer
import MartletTestSupport
import NIOCore
import ServiceLifecycle
import Synchronization
import Testing

@Suite("Housekeeping")
struct HousekeepingTests {
    @Test("bytes without a name are gone after rounds that are a day apart, and it stops when it is told")
    func rounds() async throws {
        try await withTemporaryFolder { path in
            let store = try LocalBlobStore(root: path)
            let hours = Mutex<Int64>(0)
            let surroundings = Surroundings(
                now: { Timestamp(milliseconds: hours.withLock { $0 } * 3_600_000) },
                randomBits: { (0, 1) }
            )
            let domain = try await openTestDomain(blobs: store, surroundings: surroundings)
            let upload = try await store.beginUpload()
            try await upload.append(ByteBuffer(string: "nobody's"))
            let blob = try await upload.commit()

            let housekeeping = Housekeeping.tidying(domain, Logger(label: "test"), pause: .milliseconds(10))
            let group = ServiceGroup(configuration: .init(services: [housekeeping], logger: Logger(label: "test")))
            async let running: Void = group.run()
            // However long the first round takes to come, there are rounds a day after it.
            for _ in 0..<500 where try await store.size(of: blob.digest) != nil {
                hours.withLock { $0 += 25 }
                try await Task.sleep(for: .milliseconds(20))
            }
            #expect(try await store.size(of: blob.digest) == nil)

            await group.triggerGracefulShutdown()
            try await running
            try await store.close()
        }
    }

    // The next round would be an hour away.
    @Test("a stop does not wait for the next round", .timeLimit(.minutes(10)))
    func stop() async throws {
        try await withTemporaryFolder { path in
            let store = try LocalBlobStore(root: path)
            let domain = try await openTestDomain(blobs: store, surroundings: .system)
            let housekeeping = Housekeeping.tidying(domain, Logger(label: "test"))
            let group = ServiceGroup(configuration: .init(services: [housekeeping], logger: Logger(label: "test")))
            let start = ContinuousClock.now
            async let running: Void = group.run()
            try await Task.sleep(for: .milliseconds(100))
            await group.triggerGracefulShutdown()
            try await running
            #expect(ContinuousClock.now - start < .seconds(600))
            try await store.close()
        }
    }
}

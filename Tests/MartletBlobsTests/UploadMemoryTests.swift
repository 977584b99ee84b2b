import FoundationEssentials
import Glibc
import MartletBlobs
import MartletCore
import MartletTestSupport
import NIOCore
import Testing

private let largeBytes = 1 << 21
private let smallBytes = 1 << 16

@Suite("The memory of uploads")
struct UploadMemoryTests {
    @Test("a small file takes a small buffer, and gives it back", arguments: [1, 65_535])
    func smallFile(size: Int) async throws {
        try await BlobFolder.with { folder in
            _ = try await folder.store(content(size))
            #expect(folder.store.buffers.bytesPeak == smallBytes)
        }
    }

    @Test("one upload alone has four large buffers, and no more, while the disk is busy")
    func aloneWithSlowDisk() async throws {
        try await BusyStore.with { busy in
            let content = content(20_000_000)
            async let blob = busy.upload(content)
            try await busy.wait { $0.largeCount == 4 }
            // It would have taken more by then.
            try await Task.sleep(for: .milliseconds(200))
            #expect(busy.store.buffers.largeCount == 4)
            try await busy.release()
            let stored = try await blob
            #expect(stored.digest == digest(of: content))
            #expect(busy.store.buffers.largeCount == 0)
            #expect(busy.store.buffers.bytesPeak <= 4 * largeBytes + smallBytes)
        }
    }

    @Test("many uploads at once share a bounded memory, none waits for another, and all arrive")
    func many() async throws {
        try await BusyStore.with { busy in
            try await withThrowingTaskGroup { group in
                for seed in 1...64 {
                    group.addTask {
                        let content = content(3_000_000 + seed, seed: UInt64(seed))
                        let stored = try await busy.upload(content)
                        #expect(stored.digest == digest(of: content))
                    }
                }
                try await busy.wait { $0.largeCount == BufferBudget.largeBuffersMax }
                try await Task.sleep(for: .milliseconds(500))
                try await busy.release()
                try await group.waitForAll()
            }
            let bound = BufferBudget.largeBuffersMax * largeBytes + 64 * 4 * smallBytes
            #expect(busy.store.buffers.bytesPeak <= bound)
            #expect(busy.store.buffers.largeCount == 0)
        }
    }

    @Test("uploads that have stopped in the middle keep no other from arriving")
    func stalledUploads() async throws {
        try await BlobFolder.with { folder in
            var stalled: [any BlobUpload] = []
            for seed in 1...40 {
                let upload = try await folder.store.beginUpload()
                try await upload.append(content(5_000_000, seed: UInt64(seed)), inPiecesOf: 65_536)
                stalled.append(upload)
            }
            #expect(folder.store.buffers.largeCount == BufferBudget.largeBuffersMax)
            let content = content(10_000_000)
            let blob = try await folder.store(content)
            #expect(try await folder.read(blob) == content)
            for upload in stalled { await upload.discard() }
            #expect(folder.store.buffers.largeCount == 0)
        }
    }

    @Test("a part that waits to be recorded, and a file that failed, hold no memory")
    func release() async throws {
        try await BlobFolder.with { folder in
            let staged = try await folder.store.beginUpload()
            try await staged.append(content(5_000_000), inPiecesOf: 65_536)
            _ = try await staged.stage()
            let failed = try await folder.store.beginUpload()
            try await failed.append(content(5_000_000), inPiecesOf: 65_536)
            await failed.discard()
            #expect(folder.store.buffers.largeCount == 0)
            await staged.discard()
        }
    }
}

/// A store whose one thread hangs in a system call until it is released, as on a disk that does not answer.
private struct BusyStore: Sendable {
    let store: LocalBlobStore
    private let pipe: String
    private let reading: Task<Void, any Error>

    static func with(_ body: (BusyStore) async throws -> Void) async throws {
        try await BlobFolder.with { folder in
            let store = try LocalBlobStore(root: "\(folder.path)/busy", threadCount: 1)
            // Opening a pipe for reading waits until somebody opens it for writing.
            let hanging = digest(of: [])
            let pipe = "\(folder.path)/busy/plain/\(hanging.description.prefix(2))/\(hanging)"
            #expect(mkfifo(pipe, 0o600) == 0)
            let reading = Task { _ = try await store.read(hanging, 0..<0) }
            // Long enough for the thread to come there.
            try await Task.sleep(for: .milliseconds(100))
            try await body(BusyStore(store: store, pipe: pipe, reading: reading))
            try await store.close()
        }
    }

    func upload(_ content: [UInt8]) async throws -> StoredBlob {
        let upload = try await self.store.beginUpload()
        try await upload.append(content, inPiecesOf: 65_536)
        return try await upload.commit()
    }

    /// Waits until the memory is in a certain state, for some seconds.
    func wait(until isReached: (BufferBudget) -> Bool) async throws {
        for _ in 0..<1_000 where !isReached(self.store.buffers) { try await Task.sleep(for: .milliseconds(10)) }
        #expect(isReached(self.store.buffers))
    }

    func release() async throws {
        var descriptor: Int32 = -1
        // Refused until the thread has come that far.
        for _ in 0..<1_000 where descriptor < 0 {
            descriptor = open(self.pipe, O_WRONLY | O_NONBLOCK)
            if descriptor < 0 { try await Task.sleep(for: .milliseconds(10)) }
        }
        try await self.reading.value
        #expect(descriptor >= 0)
        close(descriptor)
    }
}

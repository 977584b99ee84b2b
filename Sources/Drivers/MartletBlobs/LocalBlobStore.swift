package import MartletCore
import MartletFiles
import NIOPosix

/// Blobs as ordinary files in one folder of a local disk.
///
/// The layout is a contract, see `docs/storage-format.md`:
///
///     staging/<random id>     being received, or a part that waits to be assembled; never served
///     plain/<aa>/<sha256>     the exact bytes; <aa> is the beginning of the digest
///
/// Blocking calls are made on threads of the store's own, so no event loop ever waits for a disk.
package final class LocalBlobStore: BlobStore {
    let layout: LocalBlobLayout
    let threads: NIOThreadPool
    /// The memory of all uploads.
    package let buffers = BufferBudget()

    /// Opens, or creates, the store in the folder at `root`, whose parent must exist.
    ///
    /// - Parameter threadCount: How many operations may wait for the disk at the same time.
    package convenience init(root: String, threadCount: Int = 8) throws(MartletError) {
        self.init(existingAt: root, threadCount: threadCount)
        try self.layout.create()
    }

    /// Opens the store at `root` as it is, for reading: folders that are missing are empty.
    package init(existingAt root: String, threadCount: Int = 8) {
        self.layout = LocalBlobLayout(root: root)
        self.threads = NIOThreadPool(numberOfThreads: threadCount)
        self.threads.start()
    }

    /// Waits for running operations.
    package func close() async throws(MartletError) {
        do {
            try await self.threads.shutdownGracefully()
        } catch {
            throw MartletError(.internal, "the blob store did not stop", cause: error)
        }
    }

    package func beginUpload() async throws(MartletError) -> any BlobUpload {
        LocalBlobUpload(into: self)
    }

    package func assemble(_ parts: [StagedPart]) async throws(MartletError) -> any BlobUpload {
        let upload = LocalBlobUpload(into: self)
        do throws(MartletError) {
            for part in parts {
                let bytes = try await self.open(self.layout.path(of: part.id), 0..<part.size)
                for try await buffer in bytes {
                    try await upload.append(buffer)
                }
            }
            return upload
        } catch {
            await upload.discard()
            throw error
        }
    }

    package func listStaged() async throws(MartletError) -> [StagedPartID] {
        try await self.threads.run { [layout] () throws(MartletError) in
            try FileSystem.names(in: layout.staging).compactMap { StagedPartID($0) }
        }
    }

    package func removeStaged(_ parts: [StagedPartID]) async throws(MartletError) {
        try await self.threads.run { [layout] () throws(MartletError) in
            for part in parts {
                try FileSystem.remove(layout.path(of: part))
            }
        }
    }

    package func size(of digest: BlobDigest) async throws(MartletError) -> Int64? {
        try await self.threads.run { [layout] () throws(MartletError) in
            try FileSystem.size(of: layout.path(of: digest))
        }
    }

    package func read(_ digest: BlobDigest, _ range: Range<Int64>) async throws(MartletError) -> BlobBytes {
        try await self.open(self.layout.path(of: digest), range)
    }

    package func delete(_ digest: BlobDigest) async throws(MartletError) {
        try await self.threads.run { [layout] () throws(MartletError) in
            try FileSystem.remove(layout.path(of: digest))
        }
    }

    package func list(after digest: BlobDigest?) async throws(MartletError) -> [StoredBlob] {
        try await self.threads.run { [layout] () throws(MartletError) in
            for shard in (digest?.bytes[0] ?? 0)...UInt8.max {
                let blobs = try layout.blobs(inShard: shard, after: digest)
                if !blobs.isEmpty { return blobs }
            }
            return []
        }
    }

    private func open(_ path: String, _ range: Range<Int64>) async throws(MartletError) -> LocalBlobBytes {
        let file = try await self.threads.run { () throws(MartletError) in
            guard let file = try PosixFile.open(path), try file.size() >= range.upperBound else {
                throw MartletError(.integrity, "the stored bytes are missing or incomplete")
            }
            return file
        }
        return LocalBlobBytes(file: file, range: range, threads: self.threads)
    }
}

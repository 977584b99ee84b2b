import Crypto
package import MartletArtifacts
import MartletCapture
package import MartletCore
package import MartletSQL
import NIOCore

/// Reads the safetensors files of sealed versions once, in the background, so that comparisons need not.
package struct TensorIndexer: Sendable {
    private let database: any Database
    private let artifacts: ArtifactService

    package init(database: any Database, artifacts: ArtifactService) {
        self.database = database
        self.artifacts = artifacts
    }

    /// Reads the files that wait, and returns how many there were. Ends early, between files, when its task is
    /// cancelled.
    ///
    /// - Throws: What went wrong first, after all other files were read.
    package func indexPending() async throws(MartletError) -> Int {
        var count = 0
        var failure: MartletError?
        var position: BlobDigest?
        while !Task.isCancelled {
            let last = position
            let next = try await self.database.read { db throws(MartletError) in
                try db.queryOne(TensorIndexQueries.pending(after: last)).map { BlobDigest(bytes: $0.bytes(0)) }
            }
            guard let next else { break }
            position = next
            count += 1
            do throws(MartletError) {
                try await self.index(next)
            } catch {
                failure = failure ?? error
            }
        }
        if let failure { throw failure }
        return count
    }

    private func index(_ file: BlobDigest) async throws(MartletError) {
        guard let size = try await self.artifacts.size(of: file) else {
            // Purged in the meantime.
            try await self.database.write { db throws(MartletError) in try db.execute(TensorIndexQueries.delete(file)) }
            return
        }
        var digests: [UInt8] = []
        do throws(MartletError) {
            digests = try await self.digests(of: file, size: size)
        } catch {
            // A file that lies about itself was told at registration; it is compared as a file.
            guard error.code == .invalidArgument else { throw error }
        }
        let found = digests
        try await self.database.write { db throws(MartletError) in
            try db.execute(TensorIndexQueries.set(found, of: file))
        }
    }

    private func digests(of file: BlobDigest, size: Int64) async throws(MartletError) -> [UInt8] {
        let header = try await ModelReader(artifacts: self.artifacts).safetensors(of: file, size: size)
        var digests: [UInt8] = []
        digests.reserveCapacity(header.tensors.count * TensorIndex.digestBytes)
        for tensor in header.tensors {
            var hash = SHA256()
            for try await buffer in try await self.artifacts.stream(of: file, tensor.bytes) {
                buffer.withUnsafeReadableBytes { hash.update(bufferPointer: $0) }
            }
            digests += hash.finalize()
        }
        return digests
    }
}

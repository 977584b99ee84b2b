import Crypto
package import MartletCore
import NIOCore

/// Whether bytes are what they were.
extension ArtifactService {
    /// Reads files, and returns the first whose bytes have another digest; `nil` when all are what they are called.
    ///
    /// Bytes that several files share are read once.
    package func firstCorrupt(of files: [SealedTree.File]) async throws(MartletError) -> SealedTree.File? {
        var sound: Set<BlobDigest> = []
        for file in files where !sound.contains(file.digest) {
            var hasher = SHA256()
            for try await buffer in try await self.stream(of: file.digest, 0..<file.size) {
                buffer.withUnsafeReadableBytes { hasher.update(bufferPointer: $0) }
            }
            guard BlobDigest(hasher.finalize()) == file.digest else { return file }
            sound.insert(file.digest)
        }
        return nil
    }
}

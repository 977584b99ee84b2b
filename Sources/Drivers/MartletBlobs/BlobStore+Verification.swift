import Crypto
package import MartletCore
import NIOCore

extension BlobStore {
    /// Whether a file's bytes are all there and still what its name says.
    package func isIntact(_ blob: StoredBlob) async throws(MartletError) -> Bool {
        var hash = SHA256()
        do throws(MartletError) {
            for try await buffer in try await self.read(blob.digest, 0..<blob.size) {
                buffer.withUnsafeReadableBytes { hash.update(bufferPointer: $0) }
            }
        } catch {
            guard error.code == .integrity else { throw error }
            return false
        }
        return blob.digest == BlobDigest(hash.finalize())
    }
}

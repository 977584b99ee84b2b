import Crypto
import MartletCore
import NIOCore

/// A part of an upload that was filled: it is hashed and sent, and its memory then belongs to others.
struct OutgoingPart: Sendable {
    let number: Int
    let bytes: ByteBuffer
    /// Where the part counts; `nil` for a small one.
    let budget: PartBudget?

    /// Continues the hash of the whole file.
    func hash(after previous: Task<SHA256, Never>?) async -> SHA256 {
        var hash = await previous?.value ?? SHA256()
        var rest = self.bytes
        // In slices, so that others come to run in between.
        while let slice = rest.readSlice(length: min(rest.readableBytes, 1 << 20)), slice.readableBytes > 0 {
            slice.withUnsafeReadableBytes { hash.update(bufferPointer: $0) }
            await Task.yield()
        }
        return hash
    }

    /// Sends the part, and gives its memory back when it is hashed as well.
    func send(
        to upload: S3Upload,
        through client: S3Client,
        beside hashing: Task<SHA256, Never>
    ) async -> Result<S3UploadedPart, MartletError> {
        let outcome: Result<S3UploadedPart, MartletError>
        do throws(MartletError) {
            outcome = .success(try await client.put(self.bytes, asPart: self.number, of: upload))
        } catch {
            outcome = .failure(error)
        }
        _ = await hashing.value
        self.budget?.giveBack()
        return outcome
    }
}

import Crypto
package import MartletCore
import NIOCore

/// What is done to whole objects.
extension S3Client {
    /// Stores an object.
    ///
    /// - Parameter onlyIfAbsent: To leave one that is there as it is, if the store honours that.
    /// - Returns: `false` when one was there and was left.
    func put(
        _ key: String,
        _ bytes: ByteBuffer,
        _ digest: BlobDigest,
        onlyIfAbsent: Bool = false
    ) async throws(MartletError) -> Bool {
        var request = S3Request(.put, key).sending(bytes, digest)
            .saying("x-amz-checksum-sha256", Base64.string(digest.bytes))
        if onlyIfAbsent { request = request.saying("if-none-match", "*") }
        return try await self.send(request, accepting: onlyIfAbsent ? [412] : []).status != 412
    }

    /// Stores a short text.
    @discardableResult
    package func put(_ key: String, text: String, onlyIfAbsent: Bool = false) async throws(MartletError) -> Bool {
        let digest = BlobDigest(SHA256.hash(data: Array(text.utf8)))
        return try await self.put(key, ByteBuffer(string: text), digest, onlyIfAbsent: onlyIfAbsent)
    }

    /// Returns a short text; `nil` when there is no such object.
    package func text(of key: String) async throws(MartletError) -> String? {
        let answer = try await self.send(S3Request(.get, key), accepting: [404])
        if answer.status == 404 {
            try self.requireBucket(answer)
            return nil
        }
        return String(buffer: answer.body)
    }

    /// Returns how long an object is; `nil` when there is none.
    package func size(of key: String) async throws(MartletError) -> Int64? {
        let answer = try await self.send(S3Request(.head, key), accepting: [404])
        return answer.status == 404 ? nil : answer.header("content-length").flatMap { Int64($0) }
    }

    /// Removes an object; one that does not exist is no error.
    package func delete(_ key: String) async throws(MartletError) {
        _ = try await self.send(S3Request(.delete, key), accepting: [404])
    }

    /// An object and a bucket that do not exist have the same status.
    func requireBucket(_ answer: S3Answer) throws(MartletError) {
        let refusal = S3Refusal(answer)
        if refusal.code == "NoSuchBucket" { throw S3Failure(.refused(refusal)).translated(for: self.address) }
    }
}

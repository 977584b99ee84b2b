import Crypto
import MartletCore
import NIOCore

/// An upload in parts, as the store knows it.
struct S3Upload: Sendable {
    /// Of which all but the last have the same size: some stores insist.
    static let partBytes = 16 << 20
    static let partsMax = 10_000

    let key: String
    let uploadID: String
}

/// A part that the store has.
struct S3UploadedPart: Sendable {
    let number: Int
    let tag: String
    /// `nil` when it did not come through us.
    var digest: BlobDigest?
}

extension S3Client {
    /// Begins an upload in parts. One that is forgotten is found by ``listUploads(_:continuation:)``.
    ///
    /// - Parameter withChecksums: Whether all parts will come with their SHA-256.
    func beginUpload(_ key: String, withChecksums: Bool = true) async throws(MartletError) -> S3Upload {
        var request = S3Request(.post, key).asking("uploads")
        if withChecksums { request = request.saying("x-amz-checksum-algorithm", "SHA256") }
        let answer = try await self.send(request)
        do throws(S3Failure) {
            guard let id = try answer.xml("InitiateMultipartUploadResult").text(of: "UploadId"), !id.isEmpty else {
                throw S3Failure(.unintelligible("an upload without a name"))
            }
            return S3Upload(key: key, uploadID: id)
        } catch {
            throw error.translated(for: self.address)
        }
    }

    /// Sends a part.
    func put(_ bytes: ByteBuffer, asPart number: Int, of upload: S3Upload) async throws(MartletError) -> S3UploadedPart
    {
        let digest = bytes.withUnsafeReadableBytes { BlobDigest(SHA256.hash(data: $0)) }
        let request = S3Request(.put, upload.key)
            .asking("partNumber", String(number)).asking("uploadId", upload.uploadID)
            .saying("x-amz-checksum-sha256", Base64.string(digest.bytes)).sending(bytes, digest)
        let answer = try await self.send(request)
        guard let tag = answer.header("etag") else {
            throw S3Failure(.unintelligible("a part without a tag")).translated(for: self.address)
        }
        return S3UploadedPart(number: number, tag: tag, digest: digest)
    }

    /// Makes one object of the parts.
    ///
    /// - Parameter size: That of the object; `nil` when it is not known.
    func complete(_ upload: S3Upload, _ parts: [S3UploadedPart], size: Int64?) async throws(MartletError) {
        let list = parts.map { part in
            let checksum = part.digest.map { "<ChecksumSHA256>\(Base64.string($0.bytes))</ChecksumSHA256>" } ?? ""
            return
                "<Part><PartNumber>\(part.number)</PartNumber><ETag>\(Self.escaped(part.tag))</ETag>\(checksum)</Part>"
        }
        let text =
            "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
            + "\(list.joined())</CompleteMultipartUpload>"
        let digest = BlobDigest(SHA256.hash(data: Array(text.utf8)))
        let request = S3Request(.post, upload.key).asking("uploadId", upload.uploadID)
            .saying("content-type", "application/xml").sending(ByteBuffer(string: text), digest)
        let answer = try await self.send(request, accepting: [404])
        guard answer.status == 404 else { return }
        // Unless it was completed by a request whose answer was lost.
        let found = try await self.size(of: upload.key)
        guard let found, found == size ?? found else {
            throw S3Failure(.refused(S3Refusal(answer))).translated(for: self.address)
        }
    }

    /// Gives an upload up; one that has ended is no error.
    func abort(_ upload: S3Upload) async throws(MartletError) {
        let request = S3Request(.delete, upload.key).asking("uploadId", upload.uploadID)
        _ = try await self.send(request, accepting: [404])
    }

    private static func escaped(_ tag: String) -> String {
        tag.map { $0 == "\"" ? "&quot;" : $0 == "<" ? "&lt;" : $0 == "&" ? "&amp;" : String($0) }.joined()
    }
}

import AsyncHTTPClient
import MartletBlobs
import MartletCore
import NIOCore

/// The bytes of an object, as they arrive. A read that breaks off goes on from where it was.
struct S3BlobBytes: AsyncSequence, Sendable {
    /// Without a single byte in between.
    private static let interruptionsMax = 5

    let client: S3Client
    let key: String
    let range: Range<Int64>
    /// What was opened already, so that a file that is missing is noticed before anybody is answered.
    let first: S3Stream

    func makeAsyncIterator() -> Iterator {
        Iterator(self)
    }

    struct Iterator: AsyncIteratorProtocol {
        private let bytes: S3BlobBytes
        private var stream: HTTPClientResponse.Body.AsyncIterator
        private var position: Int64
        private var interruptions = 0

        fileprivate init(_ bytes: S3BlobBytes) {
            self.bytes = bytes
            self.stream = bytes.first.body.makeAsyncIterator()
            self.position = bytes.range.lowerBound
        }

        mutating func next() async throws(MartletError) -> ByteBuffer? {
            while self.position < self.bytes.range.upperBound {
                if let piece = try await self.piece() {
                    self.position += Int64(piece.readableBytes)
                    self.interruptions = 0
                    return piece
                }
                self.interruptions += 1
                let rest = self.position..<self.bytes.range.upperBound
                guard self.interruptions <= S3BlobBytes.interruptionsMax,
                    let stream = try await self.bytes.client.read(self.bytes.key, rest)
                else { throw .missingBytes }
                self.stream = stream.body.makeAsyncIterator()
            }
            return nil
        }

        /// Returns `nil` when the answer ended too early.
        private mutating func piece() async throws(MartletError) -> ByteBuffer? {
            do {
                return try await self.stream.next()
            } catch {
                let failure = S3Failure(error)
                guard failure.isTransient else { throw failure.translated(for: self.bytes.client.address) }
                return nil
            }
        }
    }
}

extension S3Client {
    /// Opens a part of an object, which must not be empty; `nil` when there is no such object.
    ///
    /// - Throws: `integrity` when it ends before `range` does.
    func read(_ key: String, _ range: Range<Int64>) async throws(MartletError) -> S3Stream? {
        let request = S3Request(.get, key).saying("range", "bytes=\(range.lowerBound)-\(range.upperBound - 1)")
        let stream = try await self.open(request, accepting: [404, 416])
        switch stream.status {
        case 404: return nil
        case 416: throw .missingBytes
        default:
            let length = stream.header("content-length").flatMap { Int64($0) }
            // A store that knows no ranges sends everything, and says so.
            guard length == Int64(range.count), stream.status == 206 || range.lowerBound == 0 else {
                throw .missingBytes
            }
            return stream
        }
    }
}

extension MartletError {
    static var missingBytes: MartletError {
        MartletError(.integrity, "the stored bytes are missing or incomplete")
    }
}

/// What a range of no bytes contains.
struct NoBytes: AsyncSequence, AsyncIteratorProtocol, Sendable {
    func makeAsyncIterator() -> NoBytes { self }
    func next() async throws(MartletError) -> ByteBuffer? { nil }
}

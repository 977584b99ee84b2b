import MartletBlobs
import MartletCore
package import NIOCore

/// A file that is arriving, and what must hold of it.
package struct IncomingFile<Bytes: AsyncSequence> where Bytes.Element == ByteBuffer {
    private let bytes: Bytes
    private let announcedSize: Int64?
    private let sizeMax: Int64?

    /// - Parameters:
    ///   - announcedSize: What the sender says; a file of another size is refused, because its sender went away.
    ///   - sizeMax: What the receiver accepts.
    package init(_ bytes: Bytes, announcedSize: Int64?, sizeMax: Int64?) {
        self.bytes = bytes
        self.announcedSize = announcedSize
        self.sizeMax = sizeMax
    }

    /// Receives the whole file and lets `finish` decide what becomes of it. When anything throws, nothing remains.
    func receive<Value>(
        into store: any BlobStore,
        _ finish: (any BlobUpload) async throws(MartletError) -> Value
    ) async throws(MartletError) -> Value {
        try self.check(self.announcedSize ?? 0)
        let upload = try await store.beginUpload()
        do {
            var size: Int64 = 0
            for try await buffer in self.bytes {
                size += Int64(buffer.readableBytes)
                try self.check(size)
                try await upload.append(buffer)
            }
            // A body whose task was cancelled may end as if it were complete.
            guard !Task.isCancelled, size == self.announcedSize ?? size else { throw MartletError.incompleteFile(nil) }
            return try await finish(upload)
        } catch {
            await upload.discard()
            throw error as? MartletError ?? .incompleteFile(error)
        }
    }

    private func check(_ size: Int64) throws(MartletError) {
        guard let sizeMax, size > sizeMax else { return }
        throw MartletError(.limitExceeded, "the file is larger than \(sizeMax) bytes")
    }
}

extension MartletError {
    fileprivate static func incompleteFile(_ cause: (any Error)?) -> MartletError {
        MartletError(.invalidArgument, "the file ended before it was complete", cause: cause)
    }
}

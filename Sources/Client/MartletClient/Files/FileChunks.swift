import NIOCore

/// The bytes of a file, read as they are asked for.
struct FileChunks: AsyncSequence, Sendable {
    typealias Element = ByteBuffer

    let file: LocalFile
    /// What the receiver was promised. A file that has grown since is cut off there.
    let size: Int64
    /// Told how many more bytes were read.
    var onBytes: @Sendable (Int) -> Void = { _ in }

    func makeAsyncIterator() -> Iterator { Iterator(chunks: self) }

    struct Iterator: AsyncIteratorProtocol {
        let chunks: FileChunks
        private var offset: Int64 = 0

        init(chunks: FileChunks) {
            self.chunks = chunks
        }

        mutating func next() async throws -> ByteBuffer? {
            let rest = self.chunks.size - self.offset
            guard rest > 0 else { return nil }
            var piece = try await blocking { [file = self.chunks.file, offset = self.offset] in
                try file.read(at: offset)
            }
            let count = Int(Swift.min(rest, Int64(piece.readableBytes)))
            guard count > 0, let slice = piece.readSlice(length: count) else {
                throw MartletClientError(.integrity, "'\(self.chunks.file.path)' became shorter while it was sent")
            }
            self.offset += Int64(slice.readableBytes)
            self.chunks.onBytes(slice.readableBytes)
            return slice
        }
    }
}

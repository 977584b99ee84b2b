import MartletCore
import MartletFiles
import NIOCore
import NIOPosix

/// The bytes of a local file: while one piece is being sent, the next one is being read.
struct LocalBlobBytes: AsyncSequence, Sendable {
    /// Large enough that a thread's wake-up does not count, small enough to stay in a core's cache.
    private static let pieceBytes: Int64 = 1 << 18

    let file: PosixFile
    let range: Range<Int64>
    let threads: NIOThreadPool

    func makeAsyncIterator() -> Iterator {
        Iterator(bytes: self)
    }

    struct Iterator: AsyncIteratorProtocol {
        private let bytes: LocalBlobBytes
        /// Where the piece after `ahead` begins.
        private var position: Int64
        private var ahead: BlockingJob<ByteBuffer>?

        fileprivate init(bytes: LocalBlobBytes) {
            self.bytes = bytes
            self.position = bytes.range.lowerBound
        }

        mutating func next() async throws(MartletError) -> ByteBuffer? {
            if self.ahead == nil { self.readAhead() }
            guard let piece = try await self.ahead?.value else { return nil }
            self.readAhead()
            return piece
        }

        private mutating func readAhead() {
            let start = self.position
            let end = Swift.min(start + LocalBlobBytes.pieceBytes, self.bytes.range.upperBound)
            self.position = end
            let file = self.bytes.file
            guard start < end else {
                self.ahead = nil
                return
            }
            self.ahead = BlockingJob(on: self.bytes.threads) { () throws(MartletError) in try file.read(start..<end) }
        }
    }
}

extension PosixFile {
    /// Reads a part of the file that must be there.
    fileprivate func read(_ range: Range<Int64>) throws(MartletError) -> ByteBuffer {
        var buffer = ByteBufferAllocator().buffer(capacity: range.count)
        var failure: MartletError?
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: range.count) { memory in
            let memory = UnsafeMutableRawBufferPointer(rebasing: memory[..<range.count])
            do throws(MartletError) {
                return try self.read(into: memory, at: range.lowerBound)
            } catch {
                failure = error
                return 0
            }
        }
        if let failure { throw failure }
        guard buffer.readableBytes == range.count else {
            throw MartletError(.integrity, "a stored file has become shorter")
        }
        return buffer
    }
}

import Crypto
import MartletCore
import MartletFiles
import NIOCore

/// A file of frames, each with records that became durable together.
///
/// A frame is `check, salt, length, records`: 8, 8 and 4 bytes and the rest, where a record is its length in 4 bytes
/// and then its bytes; numbers are big-endian. The salt is another for each time that the file is used anew, so that
/// what is left of earlier times behind the last frame is no frame; the check is the beginning of the SHA-256 of all
/// that follows it, so that what a crash has cut short is none either.
final class JournalFile: Sendable {
    private static let checkSize = 8
    /// Of check, salt, and length.
    private static let headSize = 20
    /// About what an entry takes.
    private static let entrySize = 256
    private static let growth = 1 << 18

    private let file: PosixFile

    /// - Parameter file: For reading, and for writing where it is to be written.
    init(_ file: PosixFile) {
        self.file = file
    }

    /// Returns the records of all frames from the beginning on that are whole and of one time.
    func records() throws(MartletError) -> [[UInt8]] {
        var content = try self.content()
        var records: [[UInt8]] = []
        var salt: UInt64?
        while let frame = Self.readFrame(from: &content), salt == nil || frame.salt == salt {
            salt = frame.salt
            var rest = frame.records
            while let record = rest.readRecord() { records.append(record) }
        }
        return records
    }

    /// Writes a frame, and returns when it is durable.
    ///
    /// - Returns: Where it ends.
    func append(
        _ entries: [some JournalEntry],
        salt: UInt64,
        at position: Int64
    ) throws(MartletError) -> Int64 {
        let frame = Self.frame(of: entries, salt: salt)
        let end = position + Int64(frame.readableBytes)
        try self.grow(to: end)
        try self.write(frame, at: position)
        try self.file.synchronize()
        return end
    }

    /// Makes room for many frames to come, where there is none: one that makes the file longer costs several times as
    /// much as one that is written over what is there, even over zeros.
    private func grow(to end: Int64) throws(MartletError) {
        let size = try self.file.size()
        guard size < end else { return }
        let missing = Int(end - size)
        try self.write(ByteBuffer(repeating: 0, count: missing + Self.growth - missing % Self.growth), at: size)
    }

    /// Says that nothing in the file is needed any more. A crash may undo that.
    func clear() throws(MartletError) {
        try self.write(ByteBuffer(repeating: 0, count: Self.checkSize), at: 0)
    }

    private func write(_ bytes: ByteBuffer, at position: Int64) throws(MartletError) {
        let outcome = bytes.withUnsafeReadableBytes { bytes in
            Result { () throws(MartletError) in try self.file.write(bytes, at: position) }
        }
        try outcome.get()
    }

    private func content() throws(MartletError) -> ByteBuffer {
        var content = [UInt8](repeating: 0, count: Int(try self.file.size()))
        let outcome = content.withUnsafeMutableBytes { memory in
            Result { () throws(MartletError) in try self.file.read(into: memory, at: 0) }
        }
        return ByteBuffer(bytes: content.prefix(try outcome.get()))
    }

    private static func frame(of entries: [some JournalEntry], salt: UInt64) -> ByteBuffer {
        var frame = ByteBufferAllocator().buffer(capacity: self.headSize + entries.count * self.entrySize)
        frame.moveWriterIndex(to: self.headSize)
        for entry in entries { frame.writeRecord(entry) }
        frame.setMultipleIntegers(salt, UInt32(frame.readableBytes - self.headSize), at: self.checkSize)
        frame.setBytes(self.check(of: frame.readableBytesView.dropFirst(self.checkSize)), at: 0)
        return frame
    }

    /// - Parameter body: A frame without its check.
    private static func check(of body: ByteBufferView) -> [UInt8] {
        body.withUnsafeBytes { Array(SHA256.hash(data: $0).prefix(self.checkSize)) }
    }

    /// Returns `nil` where none begins.
    private static func readFrame(from content: inout ByteBuffer) -> (salt: UInt64, records: ByteBuffer)? {
        guard let check = content.readBytes(length: self.checkSize) else { return nil }
        var frame = content
        guard let (salt, size) = frame.readMultipleIntegers(as: (UInt64, UInt32).self),
            let records = frame.readSlice(length: Int(size)),
            let body = content.readSlice(length: content.readableBytes - frame.readableBytes),
            check == self.check(of: body.readableBytesView)
        else { return nil }
        return (salt, records)
    }
}

extension ByteBuffer {
    fileprivate mutating func writeRecord(_ entry: some JournalEntry) {
        let start = self.writerIndex
        self.writeInteger(UInt32(0))
        entry.write(to: &self)
        self.setInteger(UInt32(self.writerIndex - start - MemoryLayout<UInt32>.size), at: start)
    }

    fileprivate mutating func readRecord() -> [UInt8]? {
        guard let length = self.readInteger(as: UInt32.self) else { return nil }
        return self.readBytes(length: Int(length))
    }
}

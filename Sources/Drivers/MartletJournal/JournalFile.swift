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
    func append(_ records: [[UInt8]], salt: UInt64, at position: Int64) throws(MartletError) -> Int64 {
        let size = records.reduce(0) { $0 + MemoryLayout<UInt32>.size + $1.count }
        var body = ByteBufferAllocator().buffer(capacity: size + 16)
        body.writeMultipleIntegers(salt, UInt32(size))
        for record in records {
            body.writeInteger(UInt32(record.count))
            body.writeBytes(record)
        }
        let frame = Self.check(of: body) + Array(body.readableBytesView)
        try self.write(frame, at: position)
        try self.file.synchronize()
        return position + Int64(frame.count)
    }

    /// Says that nothing in the file is needed any more. A crash may undo that.
    func clear() throws(MartletError) {
        try self.write([UInt8](repeating: 0, count: Self.checkSize), at: 0)
    }

    private func write(_ bytes: [UInt8], at position: Int64) throws(MartletError) {
        let outcome = bytes.withUnsafeBytes { bytes in
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

    private static func check(of body: ByteBuffer) -> [UInt8] {
        body.withUnsafeReadableBytes { Array(SHA256.hash(data: $0).prefix(self.checkSize)) }
    }

    /// Returns `nil` where none begins.
    private static func readFrame(from content: inout ByteBuffer) -> (salt: UInt64, records: ByteBuffer)? {
        guard let check = content.readBytes(length: self.checkSize) else { return nil }
        var frame = content
        guard let (salt, size) = frame.readMultipleIntegers(as: (UInt64, UInt32).self),
            let records = frame.readSlice(length: Int(size)),
            let body = content.readSlice(length: content.readableBytes - frame.readableBytes),
            check == self.check(of: body)
        else { return nil }
        return (salt, records)
    }
}

extension ByteBuffer {
    fileprivate mutating func readRecord() -> [UInt8]? {
        guard let length = self.readInteger(as: UInt32.self) else { return nil }
        return self.readBytes(length: Int(length))
    }
}

import NIOCore

/// Memory that a file opened with `O_DIRECT` accepts: its address and length are whole disk blocks.
///
/// `@unchecked Sendable`: an upload fills it and lends it to its workers, and does not touch it again
/// until both have finished with it.
final class AlignedBuffer: @unchecked Sendable {
    /// The largest logical block of any disk in use.
    private static let blockBytes = 4_096
    /// Enough for a disk to reach its full speed, and for hashing to outweigh a thread's wake-up.
    static let capacity = 1 << 21

    private let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: capacity, alignment: blockBytes)
    private var count = 0

    deinit {
        self.memory.deallocate()
    }

    /// Whether there is no room for another byte.
    var isFull: Bool { self.count == Self.capacity }

    /// What has been filled in.
    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: self.memory[..<self.count]) }

    /// ``bytes``, followed by zeros up to the end of a disk block.
    var paddedBytes: UnsafeRawBufferPointer {
        let end = (self.count + Self.blockBytes - 1) / Self.blockBytes * Self.blockBytes
        self.memory[self.count..<end].initializeMemory(as: UInt8.self, repeating: 0)
        return UnsafeRawBufferPointer(rebasing: self.memory[..<end])
    }

    /// Moves as many bytes over from `source` as there is room for.
    func fill(from source: inout ByteBuffer) {
        let length = min(source.readableBytes, Self.capacity - self.count)
        source.readWithUnsafeReadableBytes { bytes in
            let free = UnsafeMutableRawBufferPointer(rebasing: self.memory[self.count...])
            free.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[..<length]))
            return length
        }
        self.count += length
    }

    /// Makes room for other bytes.
    func removeAll() {
        self.count = 0
    }
}

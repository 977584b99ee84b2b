import NIOCore

/// Memory that a file opened with `O_DIRECT` accepts: its address and length are whole disk blocks.
///
/// `@unchecked Sendable`: an upload fills it and lends it to its workers, and does not touch it again
/// until both have finished with it.
final class AlignedBuffer: @unchecked Sendable {
    private let memory: AlignedMemory
    private let budget: BufferBudget
    private var count = 0

    /// - Parameter budget: What gets the memory back when nobody holds the buffer any more.
    init(_ memory: AlignedMemory, from budget: BufferBudget) {
        self.memory = memory
        self.budget = budget
    }

    deinit {
        self.budget.takeBack(self.memory)
    }

    /// Whether there is no room for another byte.
    var isFull: Bool { self.count == self.memory.size.bytes }
    var size: AlignedMemory.Size { self.memory.size }

    /// What has been filled in.
    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: self.memory.pointer[..<self.count]) }

    /// ``bytes``, followed by zeros up to the end of a disk block.
    var paddedBytes: UnsafeRawBufferPointer {
        let block = AlignedMemory.blockBytes
        let end = (self.count + block - 1) / block * block
        self.memory.pointer[self.count..<end].initializeMemory(as: UInt8.self, repeating: 0)
        return UnsafeRawBufferPointer(rebasing: self.memory.pointer[..<end])
    }

    /// Moves as many bytes over from `source` as there is room for.
    func fill(from source: inout ByteBuffer) {
        source.readWithUnsafeReadableBytes { bytes in self.append(bytes) }
    }

    /// Takes over what another buffer holds, which must fit.
    func fill(from other: AlignedBuffer) {
        let length = self.append(other.bytes)
        precondition(length == other.count, "a buffer is smaller than what it takes over")
    }

    /// Returns how much there was room for.
    @discardableResult
    private func append(_ bytes: UnsafeRawBufferPointer) -> Int {
        let length = min(bytes.count, self.memory.size.bytes - self.count)
        UnsafeMutableRawBufferPointer(rebasing: self.memory.pointer[self.count...])
            .copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[..<length]))
        self.count += length
        return length
    }
}

/// The memory of an ``AlignedBuffer``.
///
/// `@unchecked Sendable`: belongs to one buffer at a time, or to none.
final class AlignedMemory: @unchecked Sendable {
    enum Size {
        /// Enough for most files that accompany a model.
        case small
        /// Enough for a disk to reach its full speed, and for hashing to outweigh a thread's wake-up.
        case large

        var bytes: Int {
            switch self {
            case .small: 1 << 16
            case .large: 1 << 21
            }
        }
    }

    /// The largest logical block of any disk in use.
    static let blockBytes = 4_096

    let size: Size
    let pointer: UnsafeMutableRawBufferPointer

    init(_ size: Size) {
        self.size = size
        self.pointer = .allocate(byteCount: size.bytes, alignment: Self.blockBytes)
    }

    deinit {
        self.pointer.deallocate()
    }
}

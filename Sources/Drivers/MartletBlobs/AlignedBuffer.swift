import NIOCore

/// Memory that a file opened with `O_DIRECT` accepts: its address and length are whole disk blocks.
///
/// `@unchecked Sendable`: an upload fills it and lends it to its workers, and does not touch it again
/// until both have finished with it.
final class AlignedBuffer: @unchecked Sendable {
    let size: AlignedMemory.Size
    /// Empty after ``giveBack()``.
    private var pointer: UnsafeMutableRawBufferPointer
    private var memory: AlignedMemory?
    private let budget: BufferBudget
    private var count = 0

    /// - Parameter budget: What gets the memory back, at the latest when nobody holds the buffer any more.
    init(_ memory: AlignedMemory, from budget: BufferBudget) {
        self.size = memory.size
        self.pointer = memory.pointer
        self.memory = memory
        self.budget = budget
    }

    deinit {
        self.giveBack()
    }

    /// Ends the use of the buffer at once. A worker may still have a reference that it has no more use for, and without
    /// this an upload would sometimes hold one buffer more than it should.
    func giveBack() {
        guard let memory else { return }
        self.memory = nil
        self.pointer = UnsafeMutableRawBufferPointer(start: nil, count: 0)
        self.count = 0
        self.budget.takeBack(memory)
    }

    /// Whether there is no room for another byte.
    var isFull: Bool { self.count == self.pointer.count }

    /// What has been filled in.
    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: self.pointer[..<self.count]) }

    /// ``bytes``, followed by zeros up to the end of a disk block.
    var paddedBytes: UnsafeRawBufferPointer {
        let block = AlignedMemory.blockBytes
        let end = (self.count + block - 1) / block * block
        self.pointer[self.count..<end].initializeMemory(as: UInt8.self, repeating: 0)
        return UnsafeRawBufferPointer(rebasing: self.pointer[..<end])
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
        let length = min(bytes.count, self.pointer.count - self.count)
        UnsafeMutableRawBufferPointer(rebasing: self.pointer[self.count...])
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

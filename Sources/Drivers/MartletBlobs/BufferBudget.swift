import Synchronization

/// Bounds the memory that all uploads into a store take together.
///
/// Nobody ever waits for a buffer. Large ones are lent as long as there are any; who gets none goes on with small ones,
/// of which every upload may have a few. So uploads cannot wait for each other in a circle, and clients that have
/// stopped sending keep nobody from more than speed.
package final class BufferBudget: Sendable {
    /// 48 MB.
    package static let largeBuffersMax = 24
    /// Kept when nobody needs them: as many as one upload uses at a time, since fresh memory costs the system time.
    private static let idleBuffersMax = 4

    private struct State {
        var largeCount = 0
        var bytes = 0
        var bytesPeak = 0
        /// Large, and lent to nobody.
        var idle: [AlignedMemory] = []

        mutating func lend(_ size: AlignedMemory.Size) {
            if size == .large { self.largeCount += 1 }
            self.bytes += size.bytes
            self.bytesPeak = max(self.bytesPeak, self.bytes)
        }
    }

    private let state = Mutex(State())

    /// How many large buffers are lent.
    package var largeCount: Int { self.state.withLock { $0.largeCount } }

    /// The most memory that was ever lent at once.
    package var bytesPeak: Int { self.state.withLock { $0.bytesPeak } }

    /// Lends an empty large buffer, unless all are lent.
    func large() -> AlignedBuffer? {
        let memory = self.state.withLock { state -> AlignedMemory? in
            guard state.largeCount < Self.largeBuffersMax else { return nil }
            state.lend(.large)
            return state.idle.popLast() ?? AlignedMemory(.large)
        }
        return memory.map { AlignedBuffer($0, from: self) }
    }

    /// Lends an empty small buffer.
    func small() -> AlignedBuffer {
        self.state.withLock { $0.lend(.small) }
        return AlignedBuffer(AlignedMemory(.small), from: self)
    }

    func takeBack(_ memory: AlignedMemory) {
        self.state.withLock { state in
            state.bytes -= memory.size.bytes
            guard memory.size == .large else { return }
            state.largeCount -= 1
            if state.idle.count < Self.idleBuffersMax { state.idle.append(memory) }
        }
    }
}

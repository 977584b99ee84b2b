package import MartletCore
package import NIOCore
import NIOPosix
import Synchronization

/// What a journal keeps.
package protocol JournalEntry: Sendable {
    /// Writes the record.
    func write(to buffer: inout ByteBuffer)
}

/// Keeps records that must not be lost on the way to where they belong: they are appended to a file in groups that
/// become durable together, and what a crash has left there is given back at the next start.
///
/// There are two files. One is appended to; the other holds what is being brought to its place meanwhile, and is used
/// again when that is done. Files are written over, not cut off: so their sizes do not change, and a group costs one
/// `fdatasync` of some blocks.
package final class Journal<Entry: JournalEntry>: Sendable {
    /// Told of a group that it is durable, or why it is not; on the journal's thread, in the order of the entries.
    package typealias Settle = @Sendable ([Entry], MartletError?) -> Void

    private struct State {
        var waiting: [Entry] = []
        var turns: [CheckedContinuation<Void, Never>] = []
        var isRunning = false
    }

    /// What is appended to.
    private struct End {
        var index = 0
        var salt = UInt64.random(in: .min ... .max)
        var position: Int64 = 0
        /// Whether the other file is free.
        var canTurn = true
    }

    private let files: JournalFiles
    private let settle: Settle
    private let state = Mutex(State())
    private let end = Mutex(End())

    /// - Parameter files: Without leftovers that are still needed.
    package init(_ files: JournalFiles, settle: @escaping Settle) {
        self.files = files
        self.settle = settle
    }

    /// Appends an entry to the next group.
    ///
    /// - Parameter loop: The event loop that this is called on, if any. A group that need not wait for another begins
    ///   when the loop has dealt with all that had come to it, and has the entries of all of that.
    package func append(_ entry: Entry, on loop: (any EventLoop)? = nil) {
        self.submit(on: loop) { $0.waiting.append(entry) }
    }

    /// Appends entries to one group.
    package func append(_ entries: [Entry]) {
        self.submit { $0.waiting += entries }
    }

    /// Appends to the other file from now on, if that is free.
    ///
    /// When this returns, all that is in the file before has been settled; bring that to its place, and then ``free()``
    /// it.
    package func turn() async {
        await withCheckedContinuation { turn in self.submit { $0.turns.append(turn) } }
    }

    /// Lets the file be used again that is not appended to: what is in it has come to its place.
    package func free() throws(MartletError) {
        let index = self.end.withLock { $0.canTurn ? nil : 1 - $0.index }
        guard let index else { return }
        try self.files.files[index].clear()
        self.end.withLock { $0.canTurn = true }
    }

    private func submit(on loop: (any EventLoop)? = nil, _ change: (inout State) -> Void) {
        let isRunning = self.state.withLock { state in
            change(&state)
            defer { state.isRunning = true }
            return state.isRunning
        }
        guard !isRunning else { return }
        if let loop { loop.execute(self.start) } else { self.start() }
    }

    @Sendable private func start() {
        self.files.thread.submit { _ in self.run() }
    }

    /// Writes group after group until nobody waits.
    private func run() {
        while true {
            let (group, turns) = self.state.withLock { state in
                defer { (state.waiting, state.turns) = ([], []) }
                state.isRunning = !state.waiting.isEmpty || !state.turns.isEmpty
                return (state.waiting, state.turns)
            }
            if group.isEmpty, turns.isEmpty { return }
            if !group.isEmpty { self.settle(group, self.write(group)) }
            if !turns.isEmpty { self.turnIfFree() }
            for turn in turns { turn.resume() }
        }
    }

    private func write(_ group: [Entry]) -> MartletError? {
        let end = self.end.withLock { $0 }
        do throws(MartletError) {
            let position = try self.files.files[end.index].append(group, salt: end.salt, at: end.position)
            self.end.withLock { $0.position = position }
            return nil
        } catch {
            // The next group is written over what there is of this one.
            return error
        }
    }

    private func turnIfFree() {
        self.end.withLock { end in
            guard end.canTurn, end.position > 0 else { return }
            end = End(index: 1 - end.index, canTurn: false)
        }
    }
}

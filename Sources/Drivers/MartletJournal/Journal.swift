package import MartletCore
import MartletFiles
import NIOPosix
import Synchronization

/// Keeps records that must not be lost on the way to where they belong: they are appended to a file in groups that
/// become durable together, and what a crash has left there is given back at the next start.
///
/// There are two files. One is appended to; the other holds what is being brought to its place meanwhile, and is used
/// again when that is done. Files are written over, not cut off: so their sizes do not change, and a group costs one
/// `fdatasync` of some blocks.
package final class Journal: Sendable {
    /// Told that records are durable, or why they are not; on the journal's thread, in the order of the records.
    package typealias Answer = @Sendable (MartletError?) -> Void

    private static let names = ["0", "1"]
    /// So many who wait are answered together.
    private static let appendsPerGroup = 1_000

    private struct State {
        var waiting: [(records: [[UInt8]], answer: Answer)] = []
        var turns: [CheckedContinuation<Void, Never>] = []
        var isRunning = false
    }

    /// What is appended to; only the thread's.
    private struct End {
        var index = 0
        var salt = UInt64.random(in: .min ... .max)
        var position: Int64 = 0
        /// Whether the other file is free.
        var canTurn = true
    }

    private let files: [JournalFile]
    private let thread = NIOThreadPool(numberOfThreads: 1)
    private let state = Mutex(State())
    private let end = Mutex(End())

    /// What an earlier process left, to be brought to its place before anything is appended.
    package let leftovers: [[UInt8]]

    /// Opens the journal in a folder of its own, making it where there is none.
    package init(folder: String) throws(MartletError) {
        _ = try FileSystem.makeDirectory(folder)
        var files: [JournalFile] = []
        for name in Self.names { files.append(JournalFile(try PosixFile.openOrCreate("\(folder)/\(name)"))) }
        try FileSystem.synchronizeDirectory(folder)
        try FileSystem.synchronizeDirectory("\(folder)/..")
        self.files = files
        self.leftovers = try Self.records(in: files)
        self.thread.start()
    }

    /// Returns what a process left in a folder's journal; nothing where there is none.
    package static func leftovers(in folder: String) throws(MartletError) -> [[UInt8]] {
        var files: [JournalFile] = []
        for name in Self.names {
            if let file = try PosixFile.open("\(folder)/\(name)") { files.append(JournalFile(file)) }
        }
        return try self.records(in: files)
    }

    private static func records(in files: [JournalFile]) throws(MartletError) -> [[UInt8]] {
        var records: [[UInt8]] = []
        for file in files { records += try file.records() }
        return records
    }

    /// Forgets the leftovers, which are in their place.
    package func forgetLeftovers() throws(MartletError) {
        for file in self.files { try file.clear() }
    }

    /// Appends records, all of them or none.
    package func append(_ records: [[UInt8]], then answer: @escaping Answer) {
        self.submit { $0.waiting.append((records, answer)) }
    }

    /// Appends to the other file from now on, if that is free.
    ///
    /// When this returns, all that is in the file before has been answered for; bring that to its place, and then
    /// ``free()`` it.
    package func turn() async {
        await withCheckedContinuation { turn in self.submit { $0.turns.append(turn) } }
    }

    /// Lets the file be used again that is not appended to: what is in it has come to its place.
    package func free() throws(MartletError) {
        let index = self.end.withLock { $0.canTurn ? nil : 1 - $0.index }
        guard let index else { return }
        try self.files[index].clear()
        self.end.withLock { $0.canTurn = true }
    }

    /// Waits for what is being written.
    package func close() async {
        // It fails only for pools that are closed already.
        try? await self.thread.shutdownGracefully()
    }

    private func submit(_ change: (inout State) -> Void) {
        let isRunning = self.state.withLock { state in
            change(&state)
            defer { state.isRunning = true }
            return state.isRunning
        }
        if !isRunning { self.thread.submit { _ in self.run() } }
    }

    /// Writes group after group until nobody waits.
    private func run() {
        while true {
            let (group, turns) = self.state.withLock { state in
                let group = Array(state.waiting.prefix(Self.appendsPerGroup))
                state.waiting.removeFirst(group.count)
                defer { state.turns = [] }
                state.isRunning = !group.isEmpty || !state.turns.isEmpty
                return (group, state.turns)
            }
            if group.isEmpty, turns.isEmpty { return }
            if !group.isEmpty {
                let failure = self.write(group.flatMap(\.records))
                for (_, answer) in group { answer(failure) }
            }
            if !turns.isEmpty { self.turnIfFree() }
            for turn in turns { turn.resume() }
        }
    }

    private func write(_ records: [[UInt8]]) -> MartletError? {
        let end = self.end.withLock { $0 }
        do throws(MartletError) {
            let position = try self.files[end.index].append(records, salt: end.salt, at: end.position)
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

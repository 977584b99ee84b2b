import Synchronization

/// How far a push or a pull is.
public struct TransferProgress: Sendable, Hashable {
    /// What is being done. There may be more of them one day.
    public struct Phase: Sendable, Hashable {
        private enum Value { case checking, transferring }
        private let value: Value

        /// Bytes that are on this machine are read and hashed.
        public static let checking = Phase(value: .checking)
        /// Bytes are on their way.
        public static let transferring = Phase(value: .transferring)
    }

    /// What is being done.
    public internal(set) var phase: Phase
    /// How many files are done.
    public internal(set) var filesDone = 0
    /// How many files there are.
    public internal(set) var filesTotal: Int
    /// How many bytes are done.
    public internal(set) var bytesDone: Int64 = 0
    /// How many bytes there are.
    public internal(set) var bytesTotal: Int64

    init(_ phase: Phase, files: Int, bytes: Int64) {
        self.phase = phase
        self.filesTotal = files
        self.bytesTotal = bytes
    }
}

/// Told how far a transfer is: often, by several tasks, but by one after the other. It should return soon.
public typealias ProgressObserver = @Sendable (TransferProgress) -> Void

/// Counts what several tasks do at the same time.
final class ProgressCounter: Sendable {
    private let progress: Mutex<TransferProgress>
    private let observe: ProgressObserver

    init(_ progress: TransferProgress, _ observe: @escaping ProgressObserver) {
        self.progress = Mutex(progress)
        self.observe = observe
        observe(progress)
    }

    func add(bytes count: Int) {
        self.update { $0.bytesDone += Int64(count) }
    }

    func addFile() {
        self.update { $0.filesDone += 1 }
    }

    private func update(_ change: (inout TransferProgress) -> Void) {
        self.progress.withLock { progress in
            change(&progress)
            self.observe(progress)
        }
    }
}

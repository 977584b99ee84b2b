import MartletCore

/// Whose turn it is with which of an upload's buffers. Knows no buffer, file or thread.
///
/// The sender fills one buffer after the other. One worker hashes them and another one writes them, each at its own
/// pace; when both have finished with one, there is room for the sender to fill another.
struct UploadPipeline {
    /// Who takes the full buffers, each of them all, one after the other.
    enum Worker {
        case hasher, writer
    }

    /// What the sender may have to wait for.
    enum Goal {
        /// There is a buffer to fill, or there is no use in filling one.
        case room
        /// No worker touches anything any more.
        case rest
    }

    private struct Progress {
        var finishedCount = 0
        var isResting = true
    }

    private let bufferCount: Int
    private var filledCount = 0
    private var hasher = Progress()
    private var writer = Progress()
    /// What went wrong first.
    private(set) var failure: MartletError?

    init(bufferCount: Int) {
        self.bufferCount = bufferCount
    }

    /// How many buffers both workers have finished with.
    var finishedCount: Int { min(self.hasher.finishedCount, self.writer.finishedCount) }

    /// How many a worker has not finished with.
    var pendingCount: Int { self.filledCount - self.finishedCount }

    /// Whether the sender need not wait, or no longer.
    func hasReached(_ goal: Goal) -> Bool {
        switch goal {
        case .room:
            self.failure != nil || self.pendingCount < self.bufferCount
        case .rest: self.hasher.isResting && self.writer.isResting
        }
    }

    /// The sender has filled its buffer. Returns which workers must be called back from their rest.
    mutating func filledBuffer() -> [Worker] {
        self.filledCount += 1
        return [.hasher, .writer].filter { worker in
            defer { self[worker].isResting = false }
            return self[worker].isResting
        }
    }

    /// Returns which buffer a worker is to take, counted from the first; `nil` sends it to rest.
    mutating func next(for worker: Worker) -> Int? {
        let isWaiting = self.failure == nil && self[worker].finishedCount < self.filledCount
        self[worker].isResting = !isWaiting
        return isWaiting ? self[worker].finishedCount : nil
    }

    /// A worker has done its part with the buffer that it took last.
    mutating func finishedBuffer(_ worker: Worker) {
        self[worker].finishedCount += 1
    }

    /// From now on no worker takes anything.
    mutating func fail(_ error: MartletError) {
        self.failure = self.failure ?? error
    }

    private subscript(worker: Worker) -> Progress {
        get {
            switch worker {
            case .hasher: self.hasher
            case .writer: self.writer
            }
        }
        set {
            switch worker {
            case .hasher: self.hasher = newValue
            case .writer: self.writer = newValue
            }
        }
    }
}

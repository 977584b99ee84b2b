import NIOCore
import NIOHTTP1

/// One request to one backend, from the search for a connection to its answer.
///
/// `@unchecked Sendable`: what changes is touched on its event loop only.
package final class ProxyCall: @unchecked Sendable {
    package typealias Outcome = Result<ProxiedAnswer, ProxyFailure>

    let request: ProxiedRequest
    /// How long the answer may take to begin, and how long a short one may then pause.
    let timeout: TimeAmount
    /// Until when it must have begun.
    let deadline: NIODeadline
    private let pool: BackendPool
    /// How often it may still be sent.
    private var attemptsLeft: Int
    /// Whether a connection that was kept has failed it.
    var needsNewConnection = false
    /// What it is on, from the first byte of the request to the last one of the answer.
    var connection: BackendConnection?
    private var isCancelled = false
    /// Of the attempt that is under way.
    private var admission: BackendHealth.Admission?
    /// Whoever waits.
    private var answer: (@Sendable (Outcome) -> Void)?
    private var timer: Scheduled<Void>?

    init(_ request: ProxiedRequest, through pool: BackendPool, timeout: TimeAmount, attemptsMax: Int) {
        self.request = request
        self.pool = pool
        self.timeout = timeout
        self.deadline = .now() + timeout
        self.attemptsLeft = request.isSafe ? attemptsMax : 1
        // Who has an address and is about to use it counts already.
        pool.counter.begin()
    }

    /// Sends the request; to be called once.
    ///
    /// - Returns: The whole answer when it is short, otherwise when its head is there.
    package func run() async throws(ProxyFailure) -> ProxiedAnswer {
        let outcome = await withCheckedContinuation { answer in self.run { answer.resume(returning: $0) } }
        return try outcome.get()
    }

    /// Sends the request; to be called once.
    ///
    /// - Parameter answer: Gets what ``run()`` returns, on the event loop of the connections.
    package func run(_ answer: @escaping @Sendable (Outcome) -> Void) {
        self.pool.onLoop {
            self.answer = answer
            guard !self.isCancelled else { return self.end(.failure(.cancelled)) }
            self.start()
        }
    }

    /// Gives up, wherever it is; what has begun ends as ``ProxyFailure/cancelled``.
    package func cancel() {
        self.pool.onLoop {
            self.isCancelled = true
            if let connection = self.connection { return connection.fail(.cancelled) }
            guard self.answer != nil else { return }
            self.pool.forget(self)
            self.endWait()
            self.note(.none)
            self.end(.failure(.cancelled))
        }
    }

    /// Runs something with the connection that it is on; `nil` when it is on none.
    func onConnection(_ work: @escaping @Sendable (BackendConnection?) -> Void) {
        self.pool.onLoop { work(self.connection) }
    }

    private func start() {
        self.attemptsLeft -= 1
        self.admission = self.pool.health.admit(at: .now())
        guard self.admission != nil else { return self.end(.failure(.ejected)) }
        self.pool.serve(self)
    }

    private func note(_ sign: BackendHealth.Sign) {
        guard let admission else { return }
        self.admission = nil
        self.pool.health.note(sign, of: admission, at: .now())
    }

    /// Begins to wait for a connection.
    func wait() {
        guard self.timer == nil else { return }
        self.timer = self.pool.loop.assumeIsolated().scheduleTask(deadline: self.deadline) {
            self.timer = nil
            self.pool.forget(self)
            // Whoever waits for others to end learns nothing of the backend.
            self.failed(.timeout, self.pool.isFull ? .none : .failed)
        }
    }

    /// Stops waiting for one.
    func endWait() {
        self.timer?.cancel()
        self.timer = nil
    }

    /// The head of an answer is there, and perhaps all of it.
    func answered(_ answer: ProxiedAnswer) {
        self.note(answer.status.code < 500 ? .alive : .failed)
        self.end(.success(answer))
    }

    /// There is no answer; perhaps there is one to another attempt.
    func failed(_ failure: ProxyFailure, _ sign: BackendHealth.Sign) {
        self.connection = nil
        self.note(sign)
        guard self.attemptsLeft > 0, failure == .broken || failure == .unreachable, .now() < self.deadline else {
            return self.end(.failure(failure))
        }
        self.start()
    }

    /// A connection that was kept turned out to be of no use, before the backend can have done anything.
    func failedUnseen() {
        self.connection = nil
        self.needsNewConnection = true
        self.pool.serve(self)
    }

    /// The last of an answer is there that was handed over as it came, or there will be no more of it.
    func endStream() {
        self.pool.counter.endStream()
        self.pool.counter.end()
    }

    private func end(_ outcome: Outcome) {
        guard let answer else { return }
        self.answer = nil
        if case .success(let said) = outcome, case .streamed = said.body {
            self.pool.counter.beginStream()
        } else {
            self.pool.counter.end()
        }
        answer(outcome)
    }
}

import Hummingbird
import MartletCore
import MartletDeployments
import MartletProxy
import NIOCore
import NIOHTTP1

/// What is written down.
extension Exchange {
    /// How an exchange ends whose answer is short, or does not come.
    struct Ending: Sendable {
        let answer: ShortAnswer
        var decision: Decision?
        /// The backend's answer.
        let proxied: ProxiedAnswer?
    }

    var microseconds: Int64 { (NIODeadline.now() - self.start).nanoseconds / 1_000 }

    /// Counts how it ended, and returns what is to be recorded of that.
    func countEnding(
        _ status: Int,
        _ failure: Decision.Failure? = nil,
        answer: ByteBuffer? = nil,
        digest: BlobDigest? = nil,
        _ agreement: Agreement? = nil,
        at microseconds: Int64? = nil
    ) -> Decision? {
        let microseconds = microseconds ?? self.microseconds
        self.gateway.logs.meter.count(
            self.arm,
            of: self.route,
            TrafficSums.Ending(status: status, failure),
            microseconds: microseconds,
            agreement
        )
        var decision = self.noted(status, at: microseconds)
        decision?.failure = failure
        decision?.agreement = agreement
        if decision != nil { decision?.answer = answer?.sha256 ?? digest }
        return decision
    }

    func noted(_ status: Int, at microseconds: Int64) -> Decision? {
        var decision = self.decision
        decision?.status = status
        decision?.latencyMicroseconds = microseconds
        return decision
    }

    /// Tells the answer when it is recorded, or what to answer instead; at once, or on `loop`.
    ///
    /// - Parameter loop: `nil` for any thread.
    func record(
        _ ending: Ending,
        on loop: (any EventLoop)?,
        then send: @escaping @Sendable (ShortAnswer) -> Void
    ) {
        self.record(ending.decision, on: loop) { refusal in
            if refusal == nil {
                self.measure(ending.decision)
                self.observe(ending.proxied)
            }
            send(refusal ?? ending.answer)
        }
    }

    /// Returns what to answer instead when it cannot be recorded.
    func record(_ decision: Decision?) async -> ShortAnswer? {
        await withCheckedContinuation { refusal in self.record(decision, on: nil) { refusal.resume(returning: $0) } }
    }

    /// Keeps the record as the deployment wants it kept; tells what to answer instead when that is impossible.
    private func record(
        _ decision: Decision?,
        on loop: (any EventLoop)?,
        then go: @escaping @Sendable (ShortAnswer?) -> Void
    ) {
        guard let decision else { return go(nil) }
        guard self.route.recording == .strict else {
            self.offer(decision)
            return go(nil)
        }
        self.gateway.logs.decisions.record(decision, on: loop) { error in
            go(
                error.map { error in
                    let message = "The decision could not be recorded, so there is none: \(error.message)"
                    return GatewayError.answer(MartletError(.unavailable, message))
                }
            )
        }
    }

    func offer(_ decision: Decision?) {
        if let decision { self.gateway.logs.decisions.offer(decision) }
    }

    /// Notes how an answer ended that was passed on as it came.
    ///
    /// - Parameters:
    ///   - request: The digest of a body that was passed on as it came.
    ///   - isBegun: Whether its beginning was recorded.
    func end(_ decision: Decision?, _ request: BlobDigest?, isBegun: Bool) {
        guard var decision else { return }
        if let request { decision.request = request }
        self.measure(decision)
        if isBegun {
            self.gateway.logs.decisions.complete(decision)
        } else {
            self.offer(decision)
        }
    }
}

extension Exchange {
    /// Tells an experiment how the answer has ended.
    private func measure(_ decision: Decision?) {
        if self.isCounted, let decision { self.gateway.logs.units.end(decision) }
    }
}

/// What is looked at and kept of requests and answers, where the deployment wants that.
extension Exchange {
    /// Tells shadows, has features compared with the training data, and bodies kept.
    ///
    /// - Parameter answer: `nil` where there was none.
    private func observe(_ answer: ProxiedAnswer?) {
        if let answer { self.returned?.tell(ComparedAnswer(answer)) }
        guard let observed else { return }
        if let answer, answer.status.code < 300 {
            self.gateway.logs.drift.offer(self.id, arm: self.arm, of: self.route) {
                (Array(observed.body.readableBytesView), Array(answer.wholeBody.readableBytesView))
            }
        }
        self.keep(answer)
    }

    /// Keeps bodies, of some.
    ///
    /// - Parameter answer: `nil` where there was none.
    func keep(_ answer: ProxiedAnswer?) {
        guard let observed, self.decision != nil else { return }
        self.gateway.logs.payloads.offer(self.id, by: self.chance, of: self.route) {
            Payload(
                request: .init(type: observed.type, body: observed.body),
                answer: .init(type: answer?.headers.first(name: "content-type"), body: answer?.wholeBody)
            )
        }
    }
}

extension Decision.Failure {
    init(_ failure: ProxyFailure) {
        self =
            switch failure {
            case .unreachable: .unreachable
            case .timeout: .timeout
            case .broken: .broken
            case .ejected: .ejected
            case .cancelled: .abandoned
            }
    }
}

extension Payload.Body {
    fileprivate init(type: String?, body: ByteBuffer?) {
        let isShort = body.map { $0.readableBytes <= PayloadLog.bodyBytesMax } ?? false
        self.init(type: type, bytes: isShort ? body.map { Array($0.readableBytesView) } : nil)
    }
}

import Crypto
import MartletCore
import MartletDeployments
import MartletProxy
import NIOCore
import NIOHTTP1

/// Copies of requests.
extension Exchange {
    /// As ``run(_:_:_:)`` where nobody waits for the answer, which is compared with the one that was returned, and
    /// forgotten.
    func runUnheard(_ request: ProxiedRequest) async {
        do throws(ProxyFailure) {
            let answer = try await self.call(request).run()
            guard let stream = answer.stream else {
                self.keep(answer)
                return self.conclude(ComparedAnswer(answer), answer: answer.wholeBody)
            }
            var hasher = SHA256()
            for try await piece in stream { piece.withUnsafeReadableBytes { hasher.update(bufferPointer: $0) } }
            let digest = BlobDigest(hasher.finalize())
            self.conclude(ComparedAnswer(answer).with(.digest(digest)), digest: digest)
        } catch {
            let failure = Decision.Failure(error)
            self.conclude(ComparedAnswer(status: Int(GatewayError.status(failure).code), .none), failure)
        }
    }

    /// Notes how it ended, when it is known what the caller got.
    ///
    /// That is compared away from the event loops; where too much waits for that, nobody can say.
    private func conclude(
        _ compared: ComparedAnswer,
        _ failure: Decision.Failure? = nil,
        answer: ByteBuffer? = nil,
        digest: BlobDigest? = nil
    ) {
        let microseconds = self.microseconds
        let note: @Sendable (Agreement) -> Void = { agreement in
            self.offer(
                self.countEnding(compared.status, failure, answer: answer, digest: digest, agreement, at: microseconds)
            )
        }
        let isAdmitted = self.gateway.comparing.run(globalConcurrentExecutor) {
            let returned = await self.original?.answer
            if let returned, compared.isComparable(atEndOf: returned) {
                self.concludeAtEnd(of: returned, compared, note)
            } else {
                note(await self.agreement(of: compared, with: returned))
            }
        }
        if !isAdmitted { note(.incomparable) }
    }

    /// Waits, among those alone that do, until the caller has all of an answer that is passed on as it comes.
    private func concludeAtEnd(
        of returned: ComparedAnswer,
        _ compared: ComparedAnswer,
        _ note: @escaping @Sendable (Agreement) -> Void
    ) {
        let limit = min(.milliseconds(self.route.timeoutMilliseconds), Self.endLimit)
        let isAdmitted = self.gateway.awaitingEnds.run(globalConcurrentExecutor) {
            let digest = await self.original?.digest(within: limit)
            note(await self.agreement(of: compared, with: digest.map { returned.with(.digest($0)) } ?? returned))
        }
        if !isAdmitted { note(.incomparable) }
    }

    /// How long a shadow's record waits at most for the end of what was returned: records that come late are dropped.
    private static var endLimit: Duration { .seconds(60) }

    private func agreement(of compared: ComparedAnswer, with returned: ComparedAnswer?) async -> Agreement {
        await self.gateway.comparison.agreement(of: compared, with: returned, by: self.route.settings)
    }
}

extension ComparedAnswer {
    /// Without a body where that is yet to come.
    init(_ answer: ProxiedAnswer) {
        self.init(
            status: Int(answer.status.code),
            answer.stream == nil ? .whole(Array(answer.wholeBody.readableBytesView)) : .none,
            isEncoded: answer.headers.contains(name: "content-encoding")
        )
    }

    /// Whether more is to be said when all of an answer has been passed on that has begun.
    fileprivate func isComparable(atEndOf returned: ComparedAnswer) -> Bool {
        guard self.status == returned.status, case .none = returned.body else { return false }
        if case .none = self.body { return false }
        return true
    }
}

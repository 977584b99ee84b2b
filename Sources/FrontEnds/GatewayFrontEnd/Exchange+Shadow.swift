import Crypto
import HTTPTypes
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
            self.conclude(ComparedAnswer(answer), digest: BlobDigest(hasher))
        } catch {
            let failure = Decision.Failure(error)
            self.conclude(ComparedAnswer(status: GatewayError.status(failure).code, bytes: nil), failure)
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
                self.ended(compared.status, failure, answer: answer, digest: digest, agreement, at: microseconds)
            )
        }
        let isAdmitted = self.gateway.comparing.run(globalConcurrentExecutor) {
            let returned = await self.original?.answer
            let settings = self.route.settings
            note(await self.gateway.comparison.agreement(of: compared, with: returned, by: settings))
        }
        if !isAdmitted { note(.incomparable) }
    }
}

extension ComparedAnswer {
    init(_ answer: ProxiedAnswer) {
        self.init(
            status: Int(answer.status.code),
            bytes: answer.stream == nil ? Array(answer.wholeBody.readableBytesView) : nil,
            isEncoded: answer.headers.contains(name: "content-encoding")
        )
    }
}

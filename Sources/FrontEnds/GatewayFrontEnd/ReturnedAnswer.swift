import MartletCore
import MartletDeployments

/// The answer that a caller got, as those of shadows wait for it.
final class ReturnedAnswer: Sendable {
    private let beginning = Announced<ComparedAnswer>()
    private let digest = Announced<BlobDigest>()

    /// Returns when it has begun; `nil` where there was none. It has no body where that is passed on as it comes.
    var answer: ComparedAnswer? {
        get async { await self.beginning.value }
    }

    /// Returns when all of one that is passed on as it comes has gone to the caller; `nil` where it has not, or late.
    func digest(within limit: Duration) async -> BlobDigest? {
        await self.digest.value(within: limit)
    }

    /// Whoever will know it. One that goes away without having said anything has said that there is none.
    final class Source: Sendable {
        let answer = ReturnedAnswer()

        /// What is said first counts.
        func tell(_ answer: ComparedAnswer) { self.answer.beginning.resolve(answer) }

        /// Tells the end of one that began without a body.
        ///
        /// - Parameter digest: Of all of it.
        func tell(end digest: BlobDigest?) { self.answer.digest.resolve(digest) }

        deinit {
            self.answer.beginning.resolve(nil)
            self.answer.digest.resolve(nil)
        }
    }
}

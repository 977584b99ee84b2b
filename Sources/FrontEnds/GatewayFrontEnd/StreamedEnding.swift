import MartletCore
import MartletDeployments
import MartletHTTP
import MartletProxy
import Synchronization

/// Notes how an answer ends that is passed on as it comes: once, also where nobody ever asks for it.
final class StreamedEnding: Sendable {
    /// What ends.
    struct Parts: Sendable {
        let exchange: Exchange
        let status: Int
        let stream: AnswerStream
        let upload: StreamedUpload?
        let presence: ClientPresence?
        /// Whether its beginning was recorded.
        let isBegun: Bool

        fileprivate func end(_ failure: Decision.Failure?, _ digest: BlobDigest?) async {
            if failure != nil { self.stream.cancel() }
            self.presence?.unwatch()
            let decision = self.exchange.countEnding(self.status, failure, digest: digest)
            self.exchange.end(decision, await self.upload?.end(), isBegun: self.isBegun)
        }
    }

    private let parts: Parts
    private let isOver = Atomic(false)

    init(_ parts: Parts) {
        self.parts = parts
    }

    /// All of it has gone to the client.
    func succeed(_ digest: BlobDigest?) async {
        if self.isFirst { await self.parts.end(nil, digest) }
    }

    /// - Parameter failure: Why there will be no more of it.
    func fail(_ failure: Decision.Failure) async {
        if self.isFirst { await self.parts.end(failure, nil) }
    }

    private var isFirst: Bool { !self.isOver.exchange(true, ordering: .relaxed) }

    deinit {
        // The client has gone before the answer could begin.
        if self.isFirst { Task { [parts] in await parts.end(.abandoned, nil) } }
    }
}

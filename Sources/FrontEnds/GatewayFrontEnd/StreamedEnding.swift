import MartletCore
import MartletDeployments
import MartletHTTP
import MartletProxy
import Synchronization

/// Notes how an answer ends that is passed on as it comes: once, also where nobody ever asks for it.
final class StreamedEnding: Sendable {
    private let exchange: Exchange
    private let status: Int
    private let stream: AnswerStream
    private let upload: StreamedUpload?
    private let presence: ClientPresence?
    /// Whether its beginning was recorded.
    private let isBegun: Bool
    private let isOver = Atomic(false)

    init(
        _ exchange: Exchange,
        _ status: Int,
        _ stream: AnswerStream,
        _ upload: StreamedUpload?,
        _ presence: ClientPresence?,
        isBegun: Bool
    ) {
        self.exchange = exchange
        self.status = status
        self.stream = stream
        self.upload = upload
        self.presence = presence
        self.isBegun = isBegun
    }

    /// All of it has gone to the client.
    func succeed(_ digest: BlobDigest?) async {
        guard self.isFirst else { return }
        self.presence?.unwatch()
        let decision = self.exchange.countEnding(self.status, digest: digest)
        self.exchange.end(decision, await self.upload?.end(), isBegun: self.isBegun)
    }

    /// - Parameter failure: Why there will be no more of it.
    func fail(_ failure: Decision.Failure) async {
        guard self.isFirst else { return }
        self.stream.cancel()
        self.presence?.unwatch()
        let decision = self.exchange.countEnding(self.status, failure)
        self.exchange.end(decision, await self.upload?.end(), isBegun: self.isBegun)
    }

    private var isFirst: Bool { !self.isOver.exchange(true, ordering: .relaxed) }

    deinit {
        // The client has gone before the answer could begin.
        guard !self.isOver.load(ordering: .relaxed) else { return }
        let rest = StreamedEnding(
            self.exchange,
            self.status,
            self.stream,
            self.upload,
            self.presence,
            isBegun: self.isBegun
        )
        Task { await rest.fail(.abandoned) }
    }
}

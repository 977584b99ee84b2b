import Crypto
import Hummingbird
import MartletCore
import MartletDeployments
import MartletHTTP
import MartletProxy
import MartletRouting
import NIOCore
import NIOHTTP1

/// What the client is told.
extension Exchange {
    /// What the client is told, once it is recorded.
    ///
    /// - Parameters:
    ///   - upload: What the request got its body from; `nil` where it was whole.
    ///   - presence: Says whether anybody is still there to be answered.
    func response(
        _ outcome: ProxyCall.Outcome,
        _ upload: StreamedUpload?,
        _ presence: ClientPresence?
    ) async -> Response {
        if case .success(let answer) = outcome, let stream = answer.stream {
            return await self.streamed(answer, stream, upload, presence)
        }
        presence?.unwatch()
        var ending = self.ending(outcome, upload?.failure)
        if let upload { ending.decision?.request = await upload.end() }
        return await withCheckedContinuation { [ending] response in
            self.record(ending, on: nil) { response.resume(returning: $0.response) }
        }
    }

    /// Tells a short answer, or that there is none, once it is recorded: at once, or on `loop`.
    ///
    /// - Parameter outcome: Not with a streamed answer, which is ``response(_:_:_:)``'s.
    func answer(
        _ outcome: ProxyCall.Outcome,
        on loop: any EventLoop,
        then send: @escaping @Sendable (ShortAnswer) -> Void
    ) {
        self.record(self.ending(outcome, nil), on: loop, then: send)
    }

    /// - Parameter outcome: With an answer that is whole, or without one.
    private func ending(_ outcome: ProxyCall.Outcome, _ uploadFailure: StreamedUpload.Failure?) -> Ending {
        switch outcome {
        case .success(let answer):
            return Ending(
                answer: ShortAnswer(answer.status, self.headers(answer), answer.wholeBody),
                decision: self.countEnding(Int(answer.status.code), answer: answer.wholeBody),
                proxied: answer
            )
        case .failure(let failure):
            let failure = Decision.Failure(failure)
            let answer =
                uploadFailure == .tooLong
                ? GatewayError.answer(.bodyTooLong(bytesMax: Int(self.route.bodyBytesMax)))
                : GatewayError.answer(failure, self.route.arms[self.arm], headers: self.marked([:]))
            return Ending(
                answer: answer,
                decision: self.countEnding(Int(answer.head.status.code), failure),
                proxied: nil
            )
        }
    }

    /// Passes a long or endless answer on as it comes. It is recorded when it begins, and how it ended is noted
    /// afterwards.
    private func streamed(
        _ answer: ProxiedAnswer,
        _ stream: AnswerStream,
        _ upload: StreamedUpload?,
        _ presence: ClientPresence?
    ) async -> Response {
        let status = Int(answer.status.code)
        var begun = self.noted(status, at: self.microseconds)
        if self.route.recording == .strict {
            if let upload { begun?.request = await Self.request(of: upload, unlessFull: stream) }
        } else if upload != nil {
            // Of its request nothing is known yet.
            begun = nil
        }
        if let refusal = await self.record(begun) {
            stream.cancel()
            return refusal.response
        }
        self.returned?.tell(ComparedAnswer(answer))
        let ending = StreamedEnding(
            .init(
                exchange: self,
                status: status,
                stream: stream,
                upload: upload,
                presence: presence,
                isBegun: begun != nil
            )
        )
        let body = ResponseBody { writer in
            do {
                let digest = try await Self.pass(stream, to: &writer, isHashed: self.isHashed)
                self.returned?.tell(end: digest)
                // Before the client knows that this was all: it may ask for the record at once.
                await ending.succeed(digest)
                try await writer.finish(nil)
            } catch {
                await ending.fail((error as? ProxyFailure).map(Decision.Failure.init) ?? .abandoned)
                throw error
            }
        }
        let head = HTTPResponseHead(version: .http1_1, status: answer.status, headers: self.headers(answer))
        return Response(head, body)
    }

    /// Returns the digest of a request, when all of it was passed on; or of what was read of it by when so much of the
    /// answer is there that no more is read: its backend may wait for that to go on with the request.
    private static func request(of upload: StreamedUpload, unlessFull stream: AnswerStream) async -> BlobDigest {
        let isAll = Announced<Bool>()
        stream.whenFull { isAll.resolve(false) }
        Task {
            await upload.finish()
            isAll.resolve(true)
        }
        return await isAll.value == true ? await upload.end() : upload.digest
    }

    /// Whether somebody wants to know the digest of an answer that is passed on as it comes.
    private var isHashed: Bool { self.decision != nil || self.returned != nil }

    private static func pass(
        _ stream: AnswerStream,
        to writer: inout any ResponseBodyWriter,
        isHashed: Bool
    ) async throws -> BlobDigest? {
        var hasher = SHA256()
        for try await piece in stream {
            if isHashed { piece.withUnsafeReadableBytes { hasher.update(bufferPointer: $0) } }
            try await writer.write(piece)
        }
        return isHashed ? BlobDigest(hasher.finalize()) : nil
    }

    private func headers(_ answer: ProxiedAnswer) -> HTTPHeaders {
        var headers = self.marked(ForwardedHeaders.answer(answer.headers))
        if let length = answer.headers.first(name: "content-length") {
            headers.add(name: "Content-Length", value: length)
        }
        return headers
    }

    /// Adds what every answer says of itself. All of it can stand in a header field: what is deployed has a printable
    /// name (`ArmName`).
    private func marked(_ headers: HTTPHeaders) -> HTTPHeaders {
        var headers = headers
        headers.add(name: HeaderName.decision, value: self.idText)
        headers.add(name: HeaderName.version, value: self.route.labels[self.arm])
        headers.add(name: HeaderName.arm, value: self.route.arms[self.arm].name.rawValue)
        return headers
    }
}

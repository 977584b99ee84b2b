import Crypto
import HTTPTypes
import Hummingbird
import MartletCore
import MartletDeployments
import MartletHTTP
import MartletProxy
import MartletRouting
import NIOCore
import NIOHTTP1

/// One request, its answer, and the record of both.
struct Exchange: Sendable {
    private let gateway: Gateway
    private let route: Route
    private let arm: Int
    private let id: DecisionID
    private let idText: String
    private let start: NIODeadline
    /// The request, where it is looked at or kept; `nil` where it is not, or was not whole.
    private let observed: (type: String?, body: ByteBuffer)?
    /// By whose chance it is kept: a copy goes with its original.
    private let chance: DecisionID
    /// As it is before there is an answer; `nil` where none is kept.
    private let decision: Decision?

    init(
        _ gateway: Gateway,
        _ route: Route,
        _ choice: Choice,
        _ headers: HTTPFields,
        _ body: ByteBuffer?,
        since start: NIODeadline
    ) {
        self.gateway = gateway
        self.route = route
        self.arm = choice.arm
        self.id = choice.id
        self.idText = choice.idText
        self.start = start
        self.chance = choice.id
        self.observed = route.observes ? body.map { (headers[.contentType], $0) } : nil
        guard route.recording != .off else {
            self.decision = nil
            return
        }
        self.decision = Decision(
            id: choice.id,
            deploymentKey: route.deployment.key,
            revision: route.deployment.revision.number,
            arm: choice.arm,
            at: choice.id.moment,
            subject: choice.subject,
            request: (body ?? ByteBuffer()).sha256,
            status: 0,
            latencyMicroseconds: 0
        )
    }

    private init(_ original: Exchange, _ id: DecisionID, _ arm: Int) {
        self.gateway = original.gateway
        self.route = original.route
        self.arm = arm
        self.id = id
        self.idText = id.description
        self.start = .now()
        self.chance = original.id
        self.observed = original.observed
        self.decision = original.decision?.copy(id, to: arm)
    }

    /// The same request, as a shadow is about to get a copy of it.
    func copy(_ id: DecisionID, to arm: Int) -> Exchange {
        Exchange(self, id, arm)
    }

    /// What passes a request's body on as it comes.
    func upload(of request: Request, _ channel: any Channel) -> StreamedUpload {
        StreamedUpload(
            request.body,
            bytesMax: Int(self.route.bodyBytesMax),
            isHashed: self.decision != nil,
            on: EventLoopExecutor(channel.eventLoop)
        )
    }

    /// - Parameters:
    ///   - upload: What `request` gets its body from; `nil` where it is whole.
    ///   - presence: Says whether anybody is still there to be answered.
    func run(_ request: ProxiedRequest, _ upload: StreamedUpload?, _ presence: ClientPresence?) async -> Response {
        do throws(ProxyFailure) {
            let call = try self.call(request)
            presence?.watch(call.cancel)
            return await self.response(.success(try await call.run()), upload, presence)
        } catch {
            return await self.response(.failure(error), upload, presence)
        }
    }

    /// What the client is told, once it is recorded.
    func response(
        _ outcome: ProxyCall.Outcome,
        _ upload: StreamedUpload?,
        _ presence: ClientPresence?
    ) async -> Response {
        switch outcome {
        case .success(let answer):
            switch answer.body {
            case .whole(let body):
                presence?.unwatch()
                return await self.whole(answer, body, upload)
            case .streamed(let stream): return await self.streamed(answer, stream, upload, presence)
            }
        case .failure(let failure):
            presence?.unwatch()
            return await self.failed(Decision.Failure(failure), upload)
        }
    }

    /// What the client is told if nobody has to be waited for: a short answer, whose record may be written later.
    func responseAtOnce(_ outcome: ProxyCall.Outcome) -> (HTTPResponse, ByteBuffer)? {
        guard self.route.recording != .strict, case .success(let answer) = outcome, case .whole(let body) = answer.body
        else { return nil }
        self.offer(self.ended(Int(answer.status.code), answer: body))
        self.observe(answer, body)
        var head = self.head(answer)
        if head.headerFields[.contentLength] == nil { head.headerFields[.contentLength] = String(body.readableBytes) }
        return (head, body)
    }

    /// As ``run(_:_:_:)`` where nobody waits for the answer, which is read and forgotten.
    func runUnheard(_ request: ProxiedRequest) async {
        do throws(ProxyFailure) {
            let answer = try await self.call(request).run()
            let status = Int(answer.status.code)
            switch answer.body {
            case .whole(let body):
                self.offer(self.ended(status, answer: body))
                self.keep(answer, body)
            case .streamed(let stream):
                var hasher = SHA256()
                for try await piece in stream { piece.withUnsafeReadableBytes { hasher.update(bufferPointer: $0) } }
                self.offer(self.ended(status, digest: BlobDigest(hasher)))
            }
        } catch {
            let failure = Decision.Failure(error)
            self.offer(self.ended(GatewayError.status(failure).code, failure))
        }
    }

    func call(_ request: ProxiedRequest) throws(ProxyFailure) -> ProxyCall {
        guard let url = self.gateway.addresses.url(of: self.route.arms[self.arm]) else { throw .unreachable }
        return try self.gateway.client.call(
            request,
            to: url,
            timeout: .milliseconds(self.route.timeoutMilliseconds),
            attemptsMax: self.route.attemptsMax
        )
    }
}

/// The three ways in which it ends.
extension Exchange {
    /// Records a short answer, and then passes it on.
    private func whole(_ answer: ProxiedAnswer, _ body: ByteBuffer, _ upload: StreamedUpload?) async -> Response {
        var decision = self.ended(Int(answer.status.code), answer: body)
        if let upload { decision?.request = await upload.end() }
        if let refusal = await self.record(decision) { return refusal }
        self.observe(answer, body)
        return self.response(answer, .init(byteBuffer: body))
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
            await upload?.finish()
            if let upload { begun?.request = await upload.end() }
        } else if upload != nil {
            // Of its request nothing is known yet.
            begun = nil
        }
        if let refusal = await self.record(begun) {
            stream.cancel()
            return refusal
        }
        let isBegun = begun != nil
        let body = ResponseBody { writer in
            do {
                let digest = try await Self.pass(stream, to: &writer, isHashed: self.decision != nil)
                presence?.unwatch()
                self.end(self.ended(status, digest: digest), await upload?.end(), isBegun: isBegun)
                try await writer.finish(nil)
            } catch {
                stream.cancel()
                presence?.unwatch()
                let failure = (error as? ProxyFailure).map(Decision.Failure.init) ?? .abandoned
                self.end(self.ended(status, failure), await upload?.end(), isBegun: isBegun)
                throw error
            }
        }
        return self.response(answer, body)
    }

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
        return isHashed ? BlobDigest(hasher) : nil
    }

    /// Answers in the place of a backend that did not.
    private func failed(_ failure: Decision.Failure, _ upload: StreamedUpload?) async -> Response {
        let isTooLong = upload?.failure == .tooLong
        let status = isTooLong ? HTTPResponse.Status.contentTooLarge : GatewayError.status(failure)
        var decision = self.ended(status.code, failure)
        if let upload { decision?.request = await upload.end() }
        if let refusal = await self.record(decision) { return refusal }
        self.keep(nil, nil)
        guard !isTooLong else { return GatewayError.response(.bodyTooLong(bytesMax: Int(self.route.bodyBytesMax))) }
        return GatewayError.response(failure, self.route.arms[self.arm], headers: self.marked([:]))
    }

    private func response(_ answer: ProxiedAnswer, _ body: ResponseBody) -> Response {
        let head = self.head(answer)
        return Response(status: head.status, headers: head.headerFields, body: body)
    }

    private func head(_ answer: ProxiedAnswer) -> HTTPResponse {
        var headers = self.marked(ForwardedHeaders.answer(answer.headers))
        if let length = answer.headers.first(name: "content-length") { headers[.contentLength] = length }
        let status = HTTPResponse.Status(code: Int(answer.status.code), reasonPhrase: answer.status.reasonPhrase)
        return HTTPResponse(status: status, headerFields: headers)
    }

    /// Adds what every answer says of itself.
    private func marked(_ fields: HTTPFields) -> HTTPFields {
        var fields = fields
        fields[.decision] = self.idText
        fields[.version] = self.route.labels[self.arm]
        fields[.arm] = self.route.arms[self.arm].name.rawValue
        return fields
    }
}

/// Records.
extension Exchange {
    private var microseconds: Int64 { (NIODeadline.now() - self.start).nanoseconds / 1_000 }

    /// Counts how it ended, and returns what is to be recorded of that.
    private func ended(
        _ status: Int,
        _ failure: Decision.Failure? = nil,
        answer: ByteBuffer? = nil,
        digest: BlobDigest? = nil
    ) -> Decision? {
        let microseconds = self.microseconds
        self.gateway.logs.meter.count(
            self.arm,
            of: self.route,
            TrafficSums.Ending(status: status, failure),
            microseconds: microseconds
        )
        var decision = self.noted(status, at: microseconds)
        decision?.failure = failure
        if decision != nil { decision?.answer = answer?.sha256 ?? digest }
        return decision
    }

    private func noted(_ status: Int, at microseconds: Int64) -> Decision? {
        var decision = self.decision
        decision?.status = status
        decision?.latencyMicroseconds = microseconds
        return decision
    }

    /// Has features compared with the training data, and bodies kept, if that is wanted.
    private func observe(_ answer: ProxiedAnswer, _ body: ByteBuffer) {
        guard let observed else { return }
        if answer.status.code < 300 {
            self.gateway.logs.drift.offer(self.id, arm: self.arm, of: self.route) {
                (Array(observed.body.readableBytesView), Array(body.readableBytesView))
            }
        }
        self.keep(answer, body)
    }

    /// - Parameter answer: `nil` where there was none.
    private func keep(_ answer: ProxiedAnswer?, _ body: ByteBuffer?) {
        guard let observed, self.decision != nil else { return }
        self.gateway.logs.payloads.offer(self.id, by: self.chance, of: self.route) {
            Payload(
                request: .init(type: observed.type, body: observed.body),
                answer: .init(type: answer?.headers.first(name: "content-type"), body: body)
            )
        }
    }

    /// Notes how an answer ended that was passed on as it came.
    ///
    /// - Parameters:
    ///   - request: The digest of a body that was passed on as it came.
    ///   - isBegun: Whether its beginning was recorded.
    private func end(_ decision: Decision?, _ request: BlobDigest?, isBegun: Bool) {
        guard var decision else { return }
        if let request { decision.request = request }
        if isBegun {
            self.gateway.logs.decisions.complete(decision)
        } else {
            self.gateway.logs.decisions.offer(decision)
        }
    }

    private func offer(_ decision: Decision?) {
        if let decision { self.gateway.logs.decisions.offer(decision) }
    }

    /// Keeps the record as the deployment wants it kept; returns what to answer instead when that is impossible.
    private func record(_ decision: Decision?) async -> Response? {
        guard let decision else { return nil }
        guard self.route.recording == .strict else {
            self.gateway.logs.decisions.offer(decision)
            return nil
        }
        do throws(MartletError) {
            try await self.gateway.logs.decisions.record(decision)
            return nil
        } catch {
            let message = "The decision could not be recorded, so there is none: \(error.message)"
            return GatewayError.response(MartletError(.unavailable, message))
        }
    }
}

extension Decision.Failure {
    fileprivate init(_ failure: ProxyFailure) {
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

extension BlobDigest {
    fileprivate init(_ hasher: SHA256) {
        self.init(bytes: Array(hasher.finalize()))
    }
}

extension Payload.Body {
    fileprivate init(type: String?, body: ByteBuffer?) {
        let isShort = body.map { $0.readableBytes <= PayloadLog.bodyBytesMax } ?? false
        self.init(type: type, bytes: isShort ? body.map { Array($0.readableBytesView) } : nil)
    }
}

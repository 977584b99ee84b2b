import AsyncHTTPClient
import Crypto
import HTTPTypes
import Hummingbird
import MartletCore
import MartletDeployments
import MartletRouting
import NIOCore
import NIOHTTP1

/// One request, its answer, and the record of both.
struct Exchange: Sendable {
    /// Answers of at most that length are read whole, and recorded before anything of them is sent.
    private static let wholeAnswerBytes = 256 << 10

    let log: DecisionLog
    let meter: TrafficMeter
    let drift: DriftLog
    let backends: Backends
    let route: Route
    let request: ProxiedRequest
    let start: ContinuousClock.Instant
    var decision: Decision

    private var arm: Arm { self.route.arms[self.decision.arm] }
    private var isStrict: Bool { self.route.settings.recording == .strict }

    func run() async -> Response {
        do throws(BackendFailure) {
            let answer = try await self.send()
            guard let length = answer.headers.first(name: "content-length").flatMap({ Int($0) }),
                length <= Self.wholeAnswerBytes
            else { return await self.streamed(answer) }
            let body = try await Self.collect(answer, length)
            return await self.whole(answer, body)
        } catch {
            return await self.failed(error.failure)
        }
    }

    /// As ``run()`` where nobody waits for the answer, which is read and forgotten.
    func runUnheard() async {
        var decision = self.decision
        do throws(BackendFailure) {
            let answer = try await self.send()
            decision.status = Int(answer.status.code)
            decision.answer = try await Self.digest(of: answer)
        } catch {
            decision.failure = error.failure
            decision.status = GatewayError.status(error.failure).code
        }
        decision.latencyMicroseconds = self.elapsed
        self.meter.count(decision, on: self.route)
        if self.route.settings.recording != .off { self.log.offer(decision) }
    }

    private func send() async throws(BackendFailure) -> HTTPClientResponse {
        let settings = self.route.settings
        let isSafe = self.request.method == .GET || self.request.method == .HEAD || self.request.method == .OPTIONS
        return try await self.backends.send(
            self.request,
            to: self.arm,
            timeout: .milliseconds(settings.timeoutMilliseconds),
            attemptsMax: isSafe ? settings.attemptsMax : 1
        )
    }

    /// What every answer says of itself.
    private func marked(_ fields: HTTPFields) -> HTTPFields {
        var fields = fields
        fields[.decision] = self.decision.id.description
        fields[.version] = self.arm.version.label
        fields[.arm] = self.arm.name.rawValue
        return fields
    }

    private var elapsed: Int64 {
        let elapsed = (ContinuousClock.now - self.start).components
        return elapsed.seconds * 1_000_000 + elapsed.attoseconds / 1_000_000_000_000
    }
}

/// The three ways in which it ends.
extension Exchange {
    /// Records a short answer, and then passes it on.
    private func whole(_ answer: HTTPClientResponse, _ body: ByteBuffer) async -> Response {
        var decision = self.decision
        decision.status = Int(answer.status.code)
        decision.answer = body.sha256
        decision.latencyMicroseconds = self.elapsed
        self.meter.count(decision, on: self.route)
        if let refusal = await self.record(decision) { return refusal }
        if decision.status < 300 {
            self.drift.offer(decision, of: self.route) {
                (Array(self.request.body.readableBytesView), Array(body.readableBytesView))
            }
        }
        return self.response(answer, .init(byteBuffer: body))
    }

    /// Passes a long or endless answer on as it comes. What is strict is recorded before it begins, and how it ended
    /// is noted afterwards.
    private func streamed(_ answer: HTTPClientResponse) async -> Response {
        var decision = self.decision
        decision.status = Int(answer.status.code)
        decision.latencyMicroseconds = self.elapsed
        if self.isStrict, let refusal = await self.record(decision) { return refusal }
        let begun = decision
        let body = ResponseBody { writer in
            var hasher = SHA256()
            var ended = begun
            var isWriting = false
            do {
                for try await buffer in answer.body {
                    buffer.withUnsafeReadableBytes { hasher.update(bufferPointer: $0) }
                    isWriting = true
                    try await writer.write(buffer)
                    isWriting = false
                }
                ended.answer = BlobDigest(bytes: Array(hasher.finalize()))
                self.end(ended)
                try await writer.finish(nil)
            } catch {
                // A caller who does not listen to the end says nothing about the backend.
                if !isWriting { ended.failure = BackendFailure(error).failure }
                self.end(ended)
                throw error
            }
        }
        return self.response(answer, body)
    }

    private func response(_ answer: HTTPClientResponse, _ body: ResponseBody) -> Response {
        var headers = self.marked(ForwardedHeaders.answer(answer.headers))
        headers[.contentLength] = answer.headers.first(name: "content-length")
        let status = HTTPResponse.Status(code: Int(answer.status.code), reasonPhrase: answer.status.reasonPhrase)
        return Response(status: status, headers: headers, body: body)
    }

    private func end(_ decision: Decision) {
        var decision = decision
        decision.latencyMicroseconds = self.elapsed
        self.meter.count(decision, on: self.route)
        switch self.route.settings.recording {
        case .strict: self.log.complete(decision)
        case .relaxed: self.log.offer(decision)
        case .off: break
        }
    }

    /// Answers in the place of a backend that did not.
    private func failed(_ failure: Decision.Failure) async -> Response {
        var decision = self.decision
        decision.failure = failure
        decision.status = GatewayError.status(failure).code
        decision.latencyMicroseconds = self.elapsed
        self.meter.count(decision, on: self.route)
        if let refusal = await self.record(decision) { return refusal }
        return GatewayError.response(failure, self.arm, headers: self.marked([:]))
    }

    /// Keeps the record as the deployment wants it kept; returns what to answer instead when that is impossible.
    private func record(_ decision: Decision) async -> Response? {
        switch self.route.settings.recording {
        case .off: return nil
        case .relaxed:
            self.log.offer(decision)
            return nil
        case .strict:
            do throws(MartletError) {
                try await self.log.record(decision)
                return nil
            } catch {
                let message = "The decision could not be recorded, so there is none: \(error.message)"
                return GatewayError.response(MartletError(.unavailable, message))
            }
        }
    }

    private static func collect(_ answer: HTTPClientResponse, _ length: Int) async throws(BackendFailure) -> ByteBuffer
    {
        do { return try await answer.body.collect(upTo: length) } catch { throw BackendFailure(error) }
    }

    private static func digest(of answer: HTTPClientResponse) async throws(BackendFailure) -> BlobDigest {
        do {
            var hasher = SHA256()
            for try await buffer in answer.body {
                buffer.withUnsafeReadableBytes { hasher.update(bufferPointer: $0) }
            }
            return BlobDigest(bytes: Array(hasher.finalize()))
        } catch {
            throw BackendFailure(error)
        }
    }
}

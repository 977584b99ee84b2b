package import AsyncHTTPClient
package import MartletCore
import NIOCore
import NIOHTTP1
import NIOSSL

/// Sends requests to one bucket, and repeats those that may succeed a moment later.
///
/// Every request of ours may be repeated, also one whose answer was lost: whoever sends it knows what it then means
/// that something is there already, or is gone.
package struct S3Client: Sendable {
    /// Longer answers are not read: a page of a listing has a thousand entries of a few hundred bytes.
    private static let answerBytesMax = 8 << 20

    let address: S3Address
    let credentials: CredentialCache
    var policy: RetryPolicy
    let now: @Sendable () -> Timestamp
    let http: HTTPClient

    /// A client that gives up after a time, if not before.
    func patient(for patience: Duration) -> S3Client {
        var client = self
        client.policy.patience = min(patience, self.policy.patience)
        return client
    }

    /// Sends a request, and reads the whole answer.
    ///
    /// - Parameter accepted: What is an answer besides success, and not a failure.
    func send(_ request: S3Request, accepting accepted: Set<Int> = []) async throws(MartletError) -> S3Answer {
        try await self.repeating(request) { (signed, deadline) async throws(S3Failure) in
            let stream = try await self.open(signed, by: deadline)
            let answer = try await self.collect(stream)
            // Also a success may say in its body that it is none: when joining parts takes long.
            let isFailure = !(200..<300).contains(answer.status) && !accepted.contains(answer.status)
            let refusal = S3Refusal(answer)
            guard !isFailure, accepted.contains(answer.status) || refusal.code.isEmpty else {
                throw S3Failure(.refused(refusal))
            }
            return answer
        }
    }

    /// Sends a request, and returns as soon as the answer begins.
    ///
    /// - Parameter accepted: What is an answer besides success, and not a failure.
    func open(_ request: S3Request, accepting accepted: Set<Int>) async throws(MartletError) -> S3Stream {
        try await self.repeating(request) { (signed, deadline) async throws(S3Failure) in
            let stream = try await self.open(signed, by: deadline)
            guard !(200..<300).contains(stream.status), !accepted.contains(stream.status) else { return stream }
            throw S3Failure(.refused(S3Refusal(try await self.collect(stream))))
        }
    }

    /// Returns a URL with which anybody may send a request for a while.
    package func presignedURL(of request: S3Request, validSeconds: Int) async throws(MartletError) -> String {
        try await self.presignedURLs(of: [request], validSeconds: validSeconds)[0]
    }

    /// Returns such a URL for each of some requests.
    func presignedURLs(of requests: [S3Request], validSeconds: Int) async throws(MartletError) -> [String] {
        let signer = RequestSigner(
            credentials: try await self.credentials.current(),
            address: self.address,
            now: self.now()
        )
        return requests.map { signer.presignedURL(of: $0, validSeconds: validSeconds) }
    }

    private func repeating<Answer>(
        _ request: S3Request,
        _ attempt: (HTTPClientRequest, ContinuousClock.Instant) async throws(S3Failure) -> Answer
    ) async throws(MartletError) -> Answer {
        let deadline = ContinuousClock.now + self.policy.patience
        var count = 0
        while true {
            let credentials = try await self.credentials.current()
            let failure: S3Failure
            do throws(S3Failure) {
                return try await attempt(self.signed(request, credentials), deadline)
            } catch {
                failure = error
            }
            count += 1
            var mayRepeat = failure.isTransient
            if failure.asksForNewCredentials { mayRepeat = self.credentials.forget(credentials) }
            let remaining = deadline - ContinuousClock.now
            let pause = self.policy.pause(afterAttempts: count, remaining: remaining, chance: .random(in: 0...1))
            guard mayRepeat, let pause else { throw failure.translated(for: self.address) }
            // Throws when nobody waits any more, and then the next attempt says so.
            try? await Task.sleep(for: pause)
        }
    }

    private func signed(_ request: S3Request, _ credentials: S3Credentials) -> HTTPClientRequest {
        let signer = RequestSigner(credentials: credentials, address: self.address, now: self.now())
        let query = CanonicalRequest.spell(request.query)
        let path = self.address.path(of: request.key)
        var message = HTTPClientRequest(url: self.address.origin + (query.isEmpty ? path : "\(path)?\(query)"))
        message.method = HTTPMethod(rawValue: request.method.rawValue)
        for header in signer.headers(of: request) { message.headers.add(name: header.name, value: header.value) }
        if request.body.readableBytes > 0 || request.method == .put { message.body = .bytes(request.body) }
        return message
    }

    private func open(
        _ message: HTTPClientRequest,
        by deadline: ContinuousClock.Instant
    ) async throws(S3Failure) -> S3Stream {
        do {
            let seconds = (deadline - ContinuousClock.now) / .seconds(1)
            let limit = NIODeadline.now() + .milliseconds(Int64(max(1, seconds * 1_000)))
            let response = try await self.http.execute(message, deadline: limit)
            return S3Stream(status: Int(response.status.code), headers: response.headers, body: response.body)
        } catch {
            throw S3Failure(error)
        }
    }

    private func collect(_ stream: S3Stream) async throws(S3Failure) -> S3Answer {
        do {
            let body = try await stream.body.collect(upTo: Self.answerBytesMax)
            return S3Answer(status: stream.status, headers: stream.headers, body: body)
        } catch {
            throw S3Failure(error)
        }
    }
}

extension HTTPClient {
    /// Makes a client for an object store.
    ///
    /// - Parameter authorityFile: Whose certificates to trust instead of the system's; `nil` for the system's.
    package static func forObjectStore(authorityFile: String?) -> HTTPClient {
        var configuration = HTTPClient.Configuration()
        configuration.timeout = .init(connect: .seconds(5), read: .seconds(30), write: .seconds(30))
        // We repeat by ourselves, and know when to give up.
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 64
        // A redirected request would have the wrong signature, and says that a setting is wrong.
        configuration.redirectConfiguration = .disallow
        configuration.httpVersion = .http1Only
        if let authorityFile {
            var tls = TLSConfiguration.makeClientConfiguration()
            tls.trustRoots = .file(authorityFile)
            configuration.tlsConfiguration = tls
        }
        return HTTPClient(eventLoopGroup: HTTPClient.defaultEventLoopGroup, configuration: configuration)
    }
}

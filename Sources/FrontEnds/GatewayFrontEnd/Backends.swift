import AsyncHTTPClient
import HTTPTypes
import Hummingbird
import Logging
import MartletCore
import MartletDeployments
import NIOCore
import NIOHTTP1
import Synchronization

/// The connections to backends.
final class Backends: Sendable {
    private static let asideMax = 256

    private let client: HTTPClient
    private let addresses: BackendAddresses
    /// How much is under way that nobody waits for.
    private let asideCount = Mutex(0)
    /// By URL.
    private let healths = Mutex<[String: BackendHealth]>([:])

    init(client: HTTPClient, addresses: BackendAddresses) {
        self.client = client
        self.addresses = addresses
    }

    /// Runs what nobody waits for, unless too much of it is under way already.
    func runAside(_ work: @escaping @Sendable () async -> Void) {
        let isAdmitted = self.asideCount.withLock { count in
            guard count < Self.asideMax else { return false }
            count += 1
            return true
        }
        guard isAdmitted else { return }
        Task {
            await work()
            self.asideCount.withLock { $0 -= 1 }
        }
    }

    func health(of url: String) -> BackendHealth {
        self.healths.withLock { healths in
            if let health = healths[url] { return health }
            let health = BackendHealth()
            healths[url] = health
            return health
        }
    }

    /// Sends a request to an arm's backend, and returns when the head of the answer is there.
    ///
    /// - Parameter attemptsMax: How often it may be sent.
    func send(
        _ request: ProxiedRequest,
        to arm: Arm,
        timeout: TimeAmount,
        attemptsMax: Int
    ) async throws(BackendFailure) -> HTTPClientResponse {
        guard let url = self.addresses.url(of: arm) else { throw BackendFailure(.unreachable) }
        let health = self.health(of: url)
        let outgoing = request.outgoing(to: url)
        let deadline = NIODeadline.now() + timeout
        var attempt = 1
        while true {
            guard health.admits(at: .now) else { throw BackendFailure(.ejected) }
            do throws(BackendFailure) {
                let answer = try await self.execute(outgoing, deadline)
                health.report(isAlive: answer.status.code < 500, at: .now)
                return answer
            } catch {
                health.report(isAlive: error.isOfCaller, at: .now)
                guard attempt < attemptsMax, error.failure != .timeout, !error.isOfCaller else { throw error }
            }
            attempt += 1
        }
    }

    private func execute(
        _ request: HTTPClientRequest,
        _ deadline: NIODeadline
    ) async throws(BackendFailure) -> HTTPClientResponse {
        do {
            return try await self.client.execute(request, deadline: deadline, logger: nil)
        } catch {
            throw BackendFailure(error)
        }
    }
}

/// Why a backend gave no answer.
struct BackendFailure: Error {
    let failure: Decision.Failure
    /// Whether it was who asked that broke off, so that nothing speaks against the backend.
    let isOfCaller: Bool

    init(_ failure: Decision.Failure) {
        self.failure = failure
        self.isOfCaller = false
    }

    init(_ error: any Error) {
        self.isOfCaller = error is CancellationError || (error as? HTTPClientError) == .cancelled
        self.failure =
            switch error as? HTTPClientError {
            case .deadlineExceeded, .readTimeout, .writeTimeout, .getConnectionFromPoolTimeout: .timeout
            case .connectTimeout: .unreachable
            case .remoteConnectionClosed: .broken
            case nil: error is HTTPParserError ? .broken : .unreachable
            default: .broken
            }
    }
}

/// A request as it is passed on, to however many arms.
struct ProxiedRequest: Sendable {
    let method: HTTPMethod
    /// With its query.
    let path: String
    let headers: HTTPHeaders
    let body: ByteBuffer

    func outgoing(to url: String) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: url + self.path)
        request.method = self.method
        request.headers = self.headers
        if self.body.readableBytes > 0 || self.method == .POST || self.method == .PUT {
            request.body = .bytes(self.body)
        }
        return request
    }
}

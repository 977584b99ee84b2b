package import AsyncHTTPClient
import Glibc
import MartletBackends
import NIOCore
import NIOHTTP1
import NIOPosix

/// Asks over the network.
package struct HTTPBackendProbe: BackendProbe {
    private static let timeout = TimeAmount.seconds(2)

    private static let lateness = "it takes too long"

    private let client: HTTPClient

    /// - Parameter client: Which must not follow redirections: what they lead to says nothing of the backend.
    package init(client: HTTPClient) {
        self.client = client
    }

    package func trouble(at url: String, path: String?) async -> String? {
        guard let address = BackendAddress(url: url) else { return "has no URL that can be asked" }
        guard let path else { return await self.troubleConnecting(to: address) }
        switch await self.status(of: url + path) {
        case .success(let status) where status < 500: return nil
        case .success(let status): return "answers \(path) with \(status)"
        case .failure(let error): return "does not answer \(path): \(Self.reason(error))"
        }
    }

    func status(of url: String) async -> Result<Int, any Error> {
        do {
            let answer = try await self.client.execute(HTTPClientRequest(url: url), timeout: Self.timeout, logger: nil)
            return .success(Int(answer.status.code))
        } catch {
            return .failure(error)
        }
    }

    /// Whether a URL is answered with anything at all.
    func answers(_ url: String) async -> Bool {
        if case .success = await self.status(of: url) { true } else { false }
    }

    private func troubleConnecting(to address: BackendAddress) async -> String? {
        do {
            let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .connectTimeout(Self.timeout)
                .connect(host: address.host, port: address.port).get()
            // It was there, and that was the question.
            try? await channel.close()
            return nil
        } catch {
            return "cannot be reached: \(Self.reason(error))"
        }
    }

    private static func reason(_ error: any Error) -> String {
        switch error {
        case let error as NIOConnectionError: error.connectionErrors.first.map { Self.reason($0.error) } ?? "no address"
        case let error as IOError: String(cString: strerror(error.errnoCode))
        case ChannelError.connectTimeout: Self.lateness
        case let error as HTTPClientError where error == .connectTimeout || error == .deadlineExceeded: Self.lateness
        default: "\(error)"
        }
    }
}

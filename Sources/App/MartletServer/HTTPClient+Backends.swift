import AsyncHTTPClient
import NIOCore

extension HTTPClient {
    /// How many connections to one backend are kept; more are opened, and closed when they are idle.
    private static let connectionsPerBackend = 512

    /// The connections of a gateway to its backends, on the event loops that requests arrive on.
    static func forBackends() -> HTTPClient {
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow,
            // How long a backend may say nothing in the middle of an answer.
            timeout: .init(connect: .seconds(5), read: .seconds(120)),
            connectionPool: .init(
                idleTimeout: .seconds(50),
                concurrentHTTP1ConnectionsPerHostSoftLimit: self.connectionsPerBackend
            ),
            decompression: .disabled
        )
        configuration.httpVersion = .http1Only
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }
}

import Glibc
package import MartletCore
package import MartletWebhooks
package import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// Sends webhooks over HTTP/1.1, each on a connection of its own to the very address that was checked.
///
/// Connections are not kept, since a name may mean somebody else the next time.
package struct HTTPWebhookSender: WebhookSender {
    package typealias Resolver =
        @Sendable (_ host: String, _ deadline: NIODeadline) async throws(MartletError) ->
        [IPAddress]

    /// How many addresses of a name are tried.
    private static let addressesMax = 3

    package let timeout: Duration
    private let rules: WebhookTargetRules
    private let context: NIOSSLContext
    private let userAgent: String
    private let resolve: Resolver
    private let group: any EventLoopGroup

    /// - Parameters:
    ///   - authorityFile: Certificates in PEM format to trust besides the system's.
    ///   - resolver: Says what addresses a name has.
    /// - Throws: `invalidArgument` when the file cannot be used.
    package init(
        rules: WebhookTargetRules,
        timeout: Duration,
        authorityFile: String? = nil,
        userAgent: String,
        resolver: Resolver? = nil
    ) throws(MartletError) {
        self.rules = rules
        self.timeout = timeout
        self.userAgent = userAgent
        self.group = MultiThreadedEventLoopGroup.singleton
        self.resolve = resolver ?? SystemResolver().addresses
        var configuration = TLSConfiguration.makeClientConfiguration()
        if let authorityFile { configuration.additionalTrustRoots = [.file(authorityFile)] }
        do {
            self.context = try NIOSSLContext(configuration: configuration)
        } catch {
            throw MartletError(
                .invalidArgument,
                "the certificates in '\(authorityFile ?? "the system's store")' cannot be used",
                cause: error
            )
        }
    }

    package func check(_ target: WebhookTarget) async throws(MartletError) {
        _ = try await self.addresses(of: target, by: .now() + TimeAmount(self.timeout))
    }

    package func send(_ request: WebhookRequest) async -> WebhookOutcome {
        let deadline = NIODeadline.now() + TimeAmount(self.timeout)
        let addresses: [IPAddress]
        do throws(MartletError) {
            addresses = try await self.addresses(of: request.target, by: deadline)
        } catch {
            return .failed(error.message)
        }
        var outcome = WebhookOutcome.failed("'\(request.target.host)' has no address")
        for address in addresses.prefix(Self.addressesMax) {
            do throws(UnreachableAddress) {
                return try await self.send(request, to: address, by: deadline)
            } catch {
                outcome = .failed(error.reason)
            }
        }
        return outcome
    }

    private func addresses(of target: WebhookTarget, by deadline: NIODeadline) async throws(MartletError) -> [IPAddress]
    {
        let addresses =
            if let literal = IPAddress(target.host) { [literal] } else { try await self.resolve(target.host, deadline) }
        try self.rules.require(target, at: addresses)
        return addresses
    }

    /// - Throws: When nothing was sent, so that another address may be tried.
    private func send(
        _ request: WebhookRequest,
        to address: IPAddress,
        by deadline: NIODeadline
    ) async throws(UnreachableAddress) -> WebhookOutcome {
        let outcome = self.group.next().makePromise(of: WebhookOutcome.self)
        let target = request.target
        let bootstrap = ClientBootstrap(group: self.group)
            .connectTimeout(max(deadline - .now(), .milliseconds(1)))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if target.isEncrypted {
                        try channel.pipeline.syncOperations.addHandler(try self.handler(for: target))
                    }
                    try channel.pipeline.syncOperations.addHTTPClientHandlers()
                    try channel.pipeline.syncOperations.addHandler(
                        WebhookExchange(request, userAgent: self.userAgent, deadline: deadline, outcome: outcome)
                    )
                }
            }
        do {
            _ = try await bootstrap.connect(
                to: try SocketAddress(ipAddress: address.description, port: target.port)
            ).get()
        } catch {
            outcome.succeed(.failed(""))
            throw UnreachableAddress("cannot connect to \(address) port \(target.port): \(Self.reason(error))")
        }
        // It is always succeeded.
        return (try? await outcome.futureResult.get()) ?? .failed("the server is shutting down")
    }

    /// A name is what the certificate must be for; without one it must be for the address.
    private func handler(for target: WebhookTarget) throws -> NIOSSLClientHandler {
        let name = IPAddress(target.host) == nil ? target.host : nil
        return try NIOSSLClientHandler(context: self.context, serverHostname: name)
    }

    private static func reason(_ error: any Error) -> String {
        switch error {
        case ChannelError.connectTimeout: "it takes too long"
        case let error as IOError: String(cString: strerror(error.errnoCode))
        default: "\(error)"
        }
    }
}

/// An address that nothing was sent to.
private struct UnreachableAddress: Error {
    let reason: String

    init(_ reason: String) {
        self.reason = reason
    }
}

import MartletBackends
import MartletCore
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// Makes connections. Names are resolved on other threads.
struct Dialler: Sendable {
    private let timeout: TimeAmount
    private let tls: NIOSSLContext

    init(_ settings: ProxySettings) throws(MartletError) {
        self.timeout = settings.connectTimeout
        var configuration = TLSConfiguration.makeClientConfiguration()
        if let file = settings.authorityFile { configuration.additionalTrustRoots = [.file(file)] }
        do {
            self.tls = try NIOSSLContext(configuration: configuration)
        } catch {
            let source = settings.authorityFile ?? "the system's store"
            throw MartletError(.invalidArgument, "the certificates in '\(source)' cannot be used", cause: error)
        }
    }

    /// - Parameter makeConnection: Makes what is at the end of the channel; called on its event loop.
    func connect(
        to address: BackendAddress,
        on loop: any EventLoop,
        _ makeConnection: @escaping @Sendable () -> BackendConnection
    ) -> EventLoopFuture<BackendConnection> {
        ClientBootstrap(group: loop)
            .connectTimeout(self.timeout)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try self.prepare(channel, address, makeConnection()) }
            }
            .connect(host: address.host, port: address.port)
            .flatMapThrowing { channel in
                try channel.pipeline.syncOperations.handler(type: BackendConnection.self)
            }
    }

    private func prepare(
        _ channel: any Channel,
        _ address: BackendAddress,
        _ connection: BackendConnection
    ) throws {
        let pipeline = channel.pipeline.syncOperations
        if address.isEncrypted { try pipeline.addHandler(try self.encryption(to: address)) }
        try pipeline.addHandler(HTTPRequestEncoder())
        try pipeline.addHandler(ByteToMessageHandler(HTTPResponseDecoder(leftOverBytesStrategy: .dropBytes)))
        try pipeline.addHandler(connection)
    }

    /// A name is what the certificate must be for; without one it must be for the address.
    private func encryption(to address: BackendAddress) throws -> NIOSSLClientHandler {
        let isAddress = (try? SocketAddress(ipAddress: address.host, port: address.port)) != nil
        return try NIOSSLClientHandler(context: self.tls, serverHostname: isAddress ? nil : address.host)
    }
}

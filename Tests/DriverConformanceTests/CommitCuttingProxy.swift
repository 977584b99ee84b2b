import MartletCore
import MartletPostgres
import MartletTestSupport
import NIOCore
import NIOPosix
import Synchronization

/// Stands in front of a PostgreSQL server and breaks a connection just as something is being committed.
final class CommitCuttingProxy: Sendable {
    /// What becomes of the commit; the client learns nothing but that the connection is broken.
    enum Fault: CaseIterable {
        /// It never arrives.
        case lost
        /// A part of it arrives.
        case torn
        /// It arrives, and the answer is lost.
        case unanswered
        /// It arrives when the client has long been told of the end of the connection.
        case late
    }

    private typealias Connection = NIOAsyncChannel<ByteBuffer, ByteBuffer>

    private let target: SocketAddress
    private let faults = Mutex<[Fault]>([])

    private init(target: SocketAddress) {
        self.target = target
    }

    /// How many faults nobody has met.
    var remainingCount: Int { self.faults.withLock(\.count) }

    /// Spoils the next commits.
    func add(_ faults: [Fault]) { self.faults.withLock { $0 += faults } }

    /// Lends a proxy of a server whose socket is in one folder, with a socket of its own in another.
    static func with(
        from ownFolder: String,
        to folder: String,
        _ body: (CommitCuttingProxy) async throws -> Void
    ) async throws {
        let proxy = CommitCuttingProxy(target: try SocketAddress(unixDomainSocketPath: "\(folder)/\(Self.socketName)"))
        let listener = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .bind(unixDomainSocketPath: "\(ownFolder)/\(Self.socketName)", cleanupExistingSocketFile: true) { channel in
                channel.eventLoop.makeCompletedFuture { try Connection(wrappingChannelSynchronously: channel) }
            }
        try await withThrowingTaskGroup { group in
            group.addTask { try await proxy.serve(listener) }
            try await body(proxy)
            group.cancelAll()
        }
    }

    private static let socketName = ".s.PGSQL.5432"

    private func serve(_ listener: NIOAsyncChannel<Connection, Never>) async throws {
        try await withThrowingDiscardingTaskGroup { group in
            try await listener.executeThenClose { connections in
                for try await connection in connections {
                    // What goes wrong with one connection is what is being tested.
                    group.addTask { try? await self.relay(connection) }
                }
            }
        }
    }

    private func relay(_ client: Connection) async throws {
        let server = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .connect(to: self.target) { channel in
                channel.eventLoop.makeCompletedFuture { try Connection(wrappingChannelSynchronously: channel) }
            }
        try await client.executeThenClose { requests, answers in
            try await server.executeThenClose { fromServer, toServer in
                try await withThrowingTaskGroup { group in
                    group.addTask {
                        for try await bytes in requests {
                            if let fault = self.fault(for: bytes) {
                                return try await Self.spoil(bytes, fault, client.channel, toServer)
                            }
                            try await toServer.write(bytes)
                        }
                    }
                    group.addTask {
                        for try await bytes in fromServer {
                            // After a fault there is nobody to tell.
                            if client.channel.isActive { try await answers.write(bytes) }
                        }
                    }
                    // Whichever side ends, both do.
                    try await group.next()
                    group.cancelAll()
                }
            }
        }
    }

    private func fault(for bytes: ByteBuffer) -> Fault? {
        guard bytes.readableBytesView.firstRange(of: "COMMIT\0".utf8) != nil else { return nil }
        return self.faults.withLock { $0.isEmpty ? nil : $0.removeFirst() }
    }

    private static func spoil(
        _ bytes: ByteBuffer,
        _ fault: Fault,
        _ client: any Channel,
        _ toServer: NIOAsyncChannelOutboundWriter<ByteBuffer>
    ) async throws {
        try await client.close()
        switch fault {
        case .lost: break
        case .torn:
            try await toServer.write(bytes.getSlice(at: bytes.readerIndex, length: bytes.readableBytes / 2) ?? bytes)
        case .unanswered: try await toServer.write(bytes)
        case .late:
            try await Task.sleep(for: .milliseconds(500))
            try await toServer.write(bytes)
        }
        // Time for the server to read what it was sent, before it sees the end of the connection.
        try await Task.sleep(for: .milliseconds(300))
    }
}

import MartletTestSupport
import NIOCore
import NIOPosix
import Synchronization

/// Stands in front of a real server and spoils some of the connections to it, each in one way.
final class FaultyProxy: Sendable {
    enum Fault {
        /// Answers the first request itself, and hangs up.
        case answer(String)
        /// Hangs up after some bytes of what the server answers.
        case cut(afterBytes: Int)

        static let slowDown = Fault.answer(
            "HTTP/1.1 503 Slow Down\r\ncontent-length: 44\r\nconnection: close\r\n\r\n"
                + "<Error><Code>SlowDown</Code><M>no</M></Error>".prefix(44)
        )
    }

    private typealias Connection = NIOAsyncChannel<ByteBuffer, ByteBuffer>

    private let faults: Mutex<[Fault]>
    /// Whether requests are swallowed, and nobody answers.
    private let isStalled = Atomic(false)
    private let target: Int

    private init(_ faults: [Fault], target: Int) {
        self.faults = Mutex(faults)
        self.target = target
    }

    /// How many faults nobody has met.
    var remainingCount: Int { self.faults.withLock(\.count) }

    /// Spoils the next connections.
    func add(_ faults: [Fault]) { self.faults.withLock { $0 += faults } }

    /// Has everything swallowed from now on, also on connections that are open.
    func stall() { self.isStalled.store(true, ordering: .relaxed) }

    /// Lends a proxy of the server at an endpoint, and its own endpoint.
    static func with(
        _ endpoint: String,
        _ faults: [Fault] = [],
        _ body: @Sendable (FaultyProxy, String) async throws -> Void
    ) async throws {
        let target = Int(endpoint.split(separator: ":").last ?? "") ?? 0
        let proxy = FaultyProxy(faults, target: target)
        let listener = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .bind(host: "127.0.0.1", port: 0) { channel in
                channel.eventLoop.makeCompletedFuture { try Connection(wrappingChannelSynchronously: channel) }
            }
        try await withThrowingTaskGroup { group in
            group.addTask { try await proxy.serve(listener) }
            try await body(proxy, "http://127.0.0.1:\(listener.channel.localAddress?.port ?? 0)")
            group.cancelAll()
        }
    }

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
        let fault = self.faults.withLock { $0.isEmpty ? nil : $0.removeFirst() }
        try await client.executeThenClose { requests, answers in
            var rest = Int.max
            switch fault {
            case .answer(let text):
                var requests = requests.makeAsyncIterator()
                _ = try await requests.next()
                return try await answers.write(ByteBuffer(string: text))
            case .cut(let bytes): rest = bytes
            case nil: break
            }
            let server = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                .connect(host: "127.0.0.1", port: self.target) { channel in
                    channel.eventLoop.makeCompletedFuture { try Connection(wrappingChannelSynchronously: channel) }
                }
            try await self.relay(requests, answers, server, upTo: rest)
        }
    }

    private func relay(
        _ requests: NIOAsyncChannelInboundStream<ByteBuffer>,
        _ answers: NIOAsyncChannelOutboundWriter<ByteBuffer>,
        _ server: Connection,
        upTo limit: Int
    ) async throws {
        try await server.executeThenClose { fromServer, toServer in
            try await withThrowingTaskGroup { group in
                group.addTask {
                    for try await bytes in requests where !self.isStalled.load(ordering: .relaxed) {
                        try await toServer.write(bytes)
                    }
                }
                group.addTask {
                    var rest = limit
                    for try await bytes in fromServer {
                        guard bytes.readableBytes < rest else { return }
                        rest -= bytes.readableBytes
                        try await answers.write(bytes)
                    }
                }
                // Whichever side ends, both do.
                try await group.next()
                group.cancelAll()
            }
        }
    }
}

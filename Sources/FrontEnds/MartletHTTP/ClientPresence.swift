package import NIOCore
import Synchronization

/// Tells who answers a request that nobody is there any more to hear it.
///
/// A client that closes its half of a connection counts as gone, as it does for other proxies: one that was killed
/// looks the same until something is sent to it.
package final class ClientPresence: ChannelInboundHandler, RemovableChannelHandler, Sendable {
    package typealias InboundIn = NIOAny

    private struct State {
        /// What happens when the client goes away; `nil` while there is nothing to stop.
        var leave: (@Sendable () -> Void)?
        var hasLeft = false
    }

    private let state = Mutex(State())

    package init() {}

    /// That of a connection; `nil` for one that has none, as in tests.
    package static func of(_ channel: any Channel) -> ClientPresence? {
        guard channel.eventLoop.inEventLoop else { return nil }
        return try? channel.pipeline.syncOperations.handler(type: Self.self)
    }

    package var hasLeft: Bool { self.state.withLock { $0.hasLeft } }

    /// - Parameter leave: Happens at once if the client is gone already.
    package func watch(_ leave: @escaping @Sendable () -> Void) {
        let hasLeft = self.state.withLock { state in
            if !state.hasLeft { state.leave = leave }
            return state.hasLeft
        }
        if hasLeft { leave() }
    }

    /// Nothing is to be stopped any more.
    package func unwatch() {
        self.state.withLock { $0.leave = nil }
    }

    package func channelInactive(context: ChannelHandlerContext) {
        self.end()
        context.fireChannelInactive()
    }

    package func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed = event { self.end() }
        context.fireUserInboundEventTriggered(event)
    }

    private func end() {
        let leave = self.state.withLock { state in
            state.hasLeft = true
            defer { state.leave = nil }
            return state.leave
        }
        leave?()
    }
}

import HTTPTypes
package import NIOCore
package import NIOHTTPTypes

/// Makes a connection fit for large bodies, which Hummingbird leaves to its users.
///
/// A client that waits for it is told to send its body (`Expect: 100-continue`; curl would hold it back for a second
/// otherwise). And a client that sends a lot is read in larger pieces, which halves what receiving costs.
package final class LargeBodyHandler: ChannelDuplexHandler, RemovableChannelHandler {
    package typealias InboundIn = HTTPRequestPart
    package typealias OutboundIn = HTTPResponsePart
    package typealias OutboundOut = HTTPResponsePart

    private static let pieceBytesMax = 1 << 18

    /// How many requests have not been answered yet.
    private var pendingRequests = 0

    package init() {}

    package func handlerAdded(context: ChannelHandlerContext) {
        let allocator = AdaptiveRecvByteBufferAllocator(minimum: 64, initial: 2_048, maximum: Self.pieceBytesMax)
        // A channel without such an option reads in pieces of its own choice.
        try? context.channel.syncOptions?.setOption(.recvAllocator, value: allocator)
    }

    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if case .head(let head) = self.unwrapInboundIn(data) {
            // While an earlier request is being answered, this would land in the middle of that answer.
            if self.pendingRequests == 0, head.headerFields[.expect]?.lowercased() == "100-continue" {
                context.writeAndFlush(self.wrapOutboundOut(.head(HTTPResponse(status: .continue))), promise: nil)
            }
            self.pendingRequests += 1
        }
        context.fireChannelRead(data)
    }

    package func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if case .end = self.unwrapOutboundIn(data) { self.pendingRequests -= 1 }
        context.write(data, promise: promise)
    }
}

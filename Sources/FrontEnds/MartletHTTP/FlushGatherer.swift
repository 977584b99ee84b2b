package import NIOCore

/// Sends what a connection has written when its event loop has dealt with all that had come to it.
///
/// A write to a socket wakes whoever reads from it, who then takes a processor while the event loop still has requests
/// to deal with: on few processors, each answer was a change of process. Those of one turn of the loop now go out one
/// after another at its end.
package final class FlushGatherer: ChannelOutboundHandler, RemovableChannelHandler {
    package typealias OutboundIn = Never

    private var isDue = false

    package init() {}

    package func flush(context: ChannelHandlerContext) {
        if self.isDue { return }
        self.isDue = true
        context.eventLoop.assumeIsolated().execute { self.send(context) }
    }

    /// What was flushed before is sent all the same.
    package func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        self.send(context)
        context.close(mode: mode, promise: promise)
    }

    package func removeHandler(context: ChannelHandlerContext, removalToken: ChannelHandlerContext.RemovalToken) {
        self.send(context)
        context.leavePipeline(removalToken: removalToken)
    }

    private func send(_ context: ChannelHandlerContext) {
        guard self.isDue else { return }
        self.isDue = false
        context.flush()
    }
}

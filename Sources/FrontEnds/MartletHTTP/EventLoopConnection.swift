package import HummingbirdCore
package import Logging
package import NIOCore
import NIOHTTPTypesHTTP1

/// Handles each connection on the thread that reads and writes it.
///
/// Hummingbird alone would move every request from the event loop to a thread of Swift's pool and its answer back
/// again. Two wake-ups of a thread cost as much as what most requests ask for.
package struct EventLoopConnection<Base: ServerChildChannel>: ServerChildChannel {
    package typealias Preparation = @Sendable (_ channel: any Channel) throws -> Void

    private let base: Base
    private let prepare: Preparation

    /// - Parameter prepare: Adds to what handles a connection; called on its event loop.
    package init(_ base: Base, prepare: @escaping Preparation = { _ in }) {
        self.base = base
        self.prepare = prepare
    }

    package func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Base.Value> {
        let prepare = self.prepare
        return self.base.setup(channel: channel, logger: logger).flatMapThrowing { value in
            try prepare(channel)
            return value
        }
    }

    package func handle(value: Base.Value, logger: Logger) async {
        await withTaskExecutorPreference(EventLoopExecutor(value.channel.eventLoop)) {
            await self.base.handle(value: value, logger: logger)
        }
    }
}

extension HTTPServerBuilder {
    /// HTTP/1.1 as Martlet serves it.
    ///
    /// - Parameters:
    ///   - idleTimeout: How long a client may say nothing before it is cut off.
    ///   - prepare: Adds to what handles a connection; called on its event loop.
    package static func martlet(
        idleTimeout: TimeAmount,
        prepare: @escaping @Sendable (_ channel: any Channel) throws -> Void = { _ in }
    ) -> HTTPServerBuilder {
        .init { responder in
            EventLoopConnection(
                HTTP1Channel(
                    responder: responder,
                    configuration: .init(additionalChannelHandlers: [LargeBodyHandler(), ClientPresence()])
                )
            ) { channel in
                try channel.pipeline.syncOperations.addBeforeHummingbird([
                    FlushGatherer(), ConnectionEndHandler(timeout: idleTimeout),
                ])
                try prepare(channel)
            }
        }
    }
}

extension ChannelPipeline.SynchronousOperations {
    /// Adds handlers of the parts of HTTP/1.1 behind those that are there, before Hummingbird has them in types of its
    /// own.
    package func addBeforeHummingbird(_ handlers: [any ChannelHandler & RemovableChannelHandler]) throws {
        let codec = try self.handler(type: HTTP1ToHTTPServerCodec.self)
        try self.addHandlers(handlers, position: .before(codec))
    }
}

/// Runs tasks on one event loop. They must not block it.
package final class EventLoopExecutor: TaskExecutor {
    private let eventLoop: any EventLoop

    package init(_ eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        self.eventLoop.execute {
            job.runSynchronously(on: self.asUnownedTaskExecutor())
        }
    }
}

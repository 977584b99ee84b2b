package import HummingbirdCore
package import Logging
package import NIOCore

/// Handles each connection on the thread that reads and writes it.
///
/// Hummingbird alone would move every request from the event loop to a thread of Swift's pool and its answer back
/// again. Two wake-ups of a thread cost as much as what most requests ask for.
package struct EventLoopConnection<Base: ServerChildChannel>: ServerChildChannel {
    private let base: Base

    package init(_ base: Base) {
        self.base = base
    }

    package func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Base.Value> {
        self.base.setup(channel: channel, logger: logger)
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
    /// - Parameter idleTimeout: How long a client may say nothing before it is cut off.
    package static func martlet(idleTimeout: TimeAmount) -> HTTPServerBuilder {
        .init { responder in
            EventLoopConnection(
                HTTP1Channel(
                    responder: responder,
                    configuration: .init(additionalChannelHandlers: [LargeBodyHandler()], idleTimeout: idleTimeout)
                )
            )
        }
    }
}

/// Runs tasks on one event loop. They must not block it.
private final class EventLoopExecutor: TaskExecutor {
    private let eventLoop: any EventLoop

    init(_ eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        self.eventLoop.execute {
            job.runSynchronously(on: self.asUnownedTaskExecutor())
        }
    }
}

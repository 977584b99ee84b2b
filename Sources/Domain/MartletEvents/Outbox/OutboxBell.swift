import Synchronization

/// Says on this server that there may be something to deliver.
package final class OutboxBell: Sendable {
    private let listener = Mutex<AsyncStream<Void>.Continuation?>(nil)

    package init() {}

    /// Is heard by whoever listens, once for all that is rung before it has been heard.
    package func ring() {
        self.listener.withLock { $0 }?.yield()
    }

    /// What the last one who asks for it hears.
    func rings() -> AsyncStream<Void> {
        let (rings, listener) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        self.listener.withLock { $0 = listener }
        return rings
    }
}

import MartletBackends
import NIOCore

/// The connections of one event loop to one backend.
///
/// Those that nobody needs are used again, the last one first, so that the others get old enough to be closed.
///
/// `@unchecked Sendable`: what changes is touched on its event loop only.
final class BackendPool: @unchecked Sendable {
    let loop: any EventLoop
    let address: BackendAddress
    let health: BackendHealth
    let settings: ProxySettings
    let counter = UseCounter()
    private let dialler: Dialler
    private var connections: [ObjectIdentifier: BackendConnection] = [:]
    private var idle: [BackendConnection] = []
    private var waiting = CircularBuffer<ProxyCall>()
    private var diallingCount = 0
    private var isClosed = false

    init(
        to address: BackendAddress,
        on loop: any EventLoop,
        health: BackendHealth,
        dialler: Dialler,
        settings: ProxySettings
    ) {
        self.address = address
        self.loop = loop
        self.health = health
        self.dialler = dialler
        self.settings = settings
    }

    /// Whether there are as many connections as there may be.
    var isFull: Bool { self.connections.count >= self.settings.connectionsMax }

    /// Runs something on the event loop; now, if this is it.
    func onLoop(_ work: @escaping @Sendable () -> Void) {
        if self.loop.inEventLoop { work() } else { self.loop.execute(work) }
    }

    /// Gives a call a connection, as soon as there is one.
    func serve(_ call: ProxyCall) {
        guard !self.isClosed else { return call.failed(.unreachable, .none) }
        if !call.needsNewConnection, let connection = self.idle.popLast() { return connection.take(call) }
        self.waiting.append(call)
        call.wait()
        self.dialIfNeeded()
    }

    /// A call that waits no longer.
    func forget(_ call: ProxyCall) {
        self.waiting.removeAll { $0 === call }
    }

    /// A connection is ready for the next call.
    func free(_ connection: BackendConnection) {
        guard let call = self.waiting.popFirst() else { return self.idle.append(connection) }
        call.endWait()
        connection.take(call)
    }

    /// A connection is gone.
    func remove(_ connection: BackendConnection) {
        self.connections[ObjectIdentifier(connection)] = nil
        self.idle.removeAll { $0 === connection }
        self.dialIfNeeded()
    }

    /// Closes all connections, with what is under way on them.
    func close() {
        self.isClosed = true
        for connection in Array(self.connections.values) { connection.fail(.cancelled) }
        while let call = self.waiting.popFirst() {
            call.endWait()
            call.failed(.cancelled, .none)
        }
    }

    private func dialIfNeeded() {
        while self.diallingCount < self.waiting.count,
            self.diallingCount + self.connections.count < self.settings.connectionsMax
        {
            self.diallingCount += 1
            let made = self.dialler.connect(to: self.address, on: self.loop) { BackendConnection(self) }
            made.assumeIsolated().whenComplete { self.dialled($0) }
        }
    }

    private func dialled(_ result: Result<BackendConnection, any Error>) {
        self.diallingCount -= 1
        switch result {
        case .success(let connection):
            guard !self.isClosed, connection.isOpen else { return connection.fail(.cancelled) }
            self.connections[ObjectIdentifier(connection)] = connection
            self.free(connection)
        case .failure:
            guard let call = self.waiting.popFirst() else { return }
            call.endWait()
            call.failed(.unreachable, .failed)
            self.dialIfNeeded()
        }
    }
}

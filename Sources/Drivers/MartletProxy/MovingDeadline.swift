import NIOCore

/// A deadline that is moved with every request, and hardly ever reached.
///
/// Its timer stays where it is when the deadline moves away, and looks again when it fires: timers are not free.
///
/// `@unchecked Sendable`: touched on its event loop only.
final class MovingDeadline: @unchecked Sendable {
    private let loop: any EventLoop
    private var deadline: NIODeadline?
    private var timer: (at: NIODeadline, task: Scheduled<Void>)?
    /// What happens at the deadline.
    var expire: () -> Void = {}

    init(_ loop: any EventLoop) {
        self.loop = loop
    }

    /// - Parameter deadline: `nil` for never.
    func move(to deadline: NIODeadline?) {
        self.deadline = deadline
        guard let deadline, self.timer.map({ $0.at > deadline }) ?? true else { return }
        self.timer?.task.cancel()
        self.schedule(deadline)
    }

    /// Forgets the timer, and what happens with it.
    func stop() {
        self.deadline = nil
        self.timer?.task.cancel()
        self.timer = nil
        self.expire = {}
    }

    private func schedule(_ deadline: NIODeadline) {
        self.timer = (deadline, self.loop.assumeIsolated().scheduleTask(deadline: deadline) { self.fire() })
    }

    private func fire() {
        self.timer = nil
        guard let deadline else { return }
        if deadline <= .now() { self.expire() } else { self.schedule(deadline) }
    }
}

/// Knows what has become of the requests that this server has sent to backends.
///
/// May be used by any number of tasks at once.
package protocol BackendMeter: Sendable {
    /// Returns what became of the requests to what is at a URL; nothing where nobody has asked it.
    func use(of url: String) -> BackendUse
}

/// What has become of the requests to a backend, of one server and since it started.
package struct BackendUse: Sendable, Hashable {
    /// How many there were.
    package var begun = 0
    /// Those that wait for an answer, or whose answer goes on.
    package var underWay = 0
    /// Those whose answer has begun, and is passed on as it comes.
    package var streaming = 0
    /// Is another number whenever the backend has said something.
    package var heard = 0

    package init() {}
}

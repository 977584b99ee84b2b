import Glibc

/// What the first process of a container owes the others there: to take note of the end of those that have lost
/// whoever started them. Nobody else does, and dead processes that nobody takes note of use up what the system has.
package enum FirstProcess {
    /// How long a dead child is left to whoever waits for it. Of those that this program has started itself, note is
    /// taken at once; one that is there twice has been started by another.
    private static let period = Duration.seconds(5)

    /// Removes dead children until this task is cancelled; returns at once where this process is not the first one.
    package static func removeDeadChildren() async {
        guard getpid() == 1 else { return }
        var seen: Set<pid_t> = []
        while true {
            do { try await Task.sleep(for: self.period) } catch { return }
            let dead = Set(ProcessTable.deadChildren())
            for process in dead.intersection(seen) { waitpid(process, nil, WNOHANG) }
            seen = dead
        }
    }
}

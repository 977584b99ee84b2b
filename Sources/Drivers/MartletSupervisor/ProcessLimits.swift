import Glibc

/// What a process may use. It is set before its program begins, and passed on to all that it starts.
package struct ProcessLimits: Sendable, Hashable {
    /// How many files it may have open.
    package let openFilesMax: Int
    /// How much it gives way to others, at least: never less than what starts it.
    package let niceness: Int

    package init(openFilesMax: Int, niceness: Int) {
        self.openFilesMax = openFilesMax
        self.niceness = niceness
    }

    /// Makes this process another program with these limits, and with signals as programs expect them.
    ///
    /// - Returns: Why that is impossible; otherwise it does not return.
    package func become(_ program: String, _ arguments: [String]) -> String {
        // A dump of a process that holds a model fills a disk.
        guard Self.limit(RLIMIT_CORE, 0), Self.limit(RLIMIT_NOFILE, rlim_t(self.openFilesMax)) else {
            return "the limits cannot be set: \(String(cString: strerror(errno)))"
        }
        self.giveWay()
        Self.resetSignals()
        var words: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) }
        words.append(nil)
        execvp(program, words)
        return "cannot run '\(program)': \(String(cString: strerror(errno)))"
    }

    /// A program that gives way less than it should still serves, so what the system refuses is left as it is.
    private func giveWay() {
        _ = setpriority(Self.process, 0, Int32(self.nicenessBelowThisProcess))
    }

    /// How much what this process starts is to give way to others.
    ///
    /// Asked for by its id, which is the first thread's: Dispatch gives others a niceness of their own, and what such
    /// a thread starts begins with that.
    var nicenessBelowThisProcess: Int { max(Int(getpriority(Self.process, id_t(getpid()))), self.niceness) }

    private static let process = __priority_which_t(PRIO_PROCESS.rawValue)

    /// The threads of a server block signals, and a program would begin with that: it could not be told to end.
    private static func resetSignals() {
        for number in 1...SIGSYS { signal(number, SIG_DFL) }
        var none = sigset_t()
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, nil)
    }

    private static func limit(_ resource: __rlimit_resource, _ value: rlim_t) -> Bool {
        var limits = rlimit()
        guard getrlimit(__rlimit_resource_t(resource.rawValue), &limits) == 0 else { return false }
        // What the system allows no more of is what there is.
        limits.rlim_max = min(limits.rlim_max, value)
        limits.rlim_cur = limits.rlim_max
        return setrlimit(__rlimit_resource_t(resource.rawValue), &limits) == 0
    }
}

import ArgumentParser
import Glibc

/// What was printed, on its way to where it is to go.
package enum StandardOutput {
    /// As shells tell of a program that SIGPIPE has ended; libraries have that ignored here.
    private static let unread = ExitCode(128 + SIGPIPE)

    /// Has everything that was printed arrive.
    ///
    /// - Throws: The code to end with when it cannot: ``unread`` when nobody reads any more, as others end then.
    static func flush() throws(ExitCode) {
        guard fflush(nil) != 0 else { return }
        throw errno == EPIPE ? self.unread : CommandFailure.refused
    }

    /// Has the program say, and end in failure, when not all of it arrives, however the program ends.
    package static func flushAtExit() {
        atexit {
            do throws(ExitCode) {
                try StandardOutput.flush()
            } catch {
                let reason = String(cString: strerror(errno))
                if error != StandardOutput.unread { CommandFailure.say("cannot write the output: \(reason)", nil) }
                _exit(error.rawValue)
            }
        }
    }
}

/// Writes lines to the standard error stream.
enum ErrorOutput {
    static func line(_ text: String) {
        self.write(text + "\n")
    }

    static func write(_ text: String) {
        // What was printed before shall be seen before.
        fflush(nil)
        let bytes = Array(text.utf8)
        // When nobody can be told, there is nobody to tell that.
        _ = Glibc.write(STDERR_FILENO, bytes, bytes.count)
    }
}

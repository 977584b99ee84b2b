package import ArgumentParser
import Glibc
package import MartletClient
import MartletCore
import MartletWire

/// Says what went wrong in one line, what to do about it in another, and ends the program with the right code.
package enum CommandFailure {
    /// The program could not do it: refused, a closed gate, a verification that failed.
    static let refused = ExitCode(1)
    /// The command line makes no sense (`EX_USAGE`).
    static let usage = ExitCode(64)
    /// The server, or the data folder, cannot be reached (`EX_UNAVAILABLE`).
    static let unreachable = ExitCode(69)

    /// Runs `body`, and turns what it throws into lines and a code.
    static func reporting<Value>(_ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch let error as MartletClientError {
            let gates = error.gates.map { "the gates of '\($0.stage)' are closed" }
            self.say(gates ?? error.message, Self.hint(for: error))
            for gate in error.gates?.gates ?? [] where !gate.passed {
                ErrorOutput.line(Style.printable("  \(gate.gate): \(gate.message)"))
            }
            throw self.code(for: error)
        } catch let error as ValidationError {
            // The parser would show how the program as a whole is used.
            self.say(error.message, nil)
            throw self.usage
        } catch let error as MartletError {
            self.say(error.message, nil)
            throw error.code == .invalidArgument ? self.refused : self.unreachable
        }
    }

    /// Writes a line about an error, and one with a hint.
    static func say(_ message: String, _ hint: String?) {
        let style = Style.of(stream: STDERR_FILENO)
        ErrorOutput.line(style.paint(.bad("error: ")) + Style.printable(Moment.shortened(in: message)))
        if let hint { ErrorOutput.line(style.paint(.faint("hint: ")) + hint) }
    }

    package static func code(for error: MartletClientError) -> ExitCode {
        if error.code == .unreachable { return self.unreachable }
        return error.code == .invalidArgument && error.status == nil ? self.usage : self.refused
    }

    static func hint(for error: MartletClientError) -> String? {
        switch error.code {
        case .unreachable:
            "start a server with 'martlet serve', name one with --server URL, or open a data folder with --data DIR"
        case .wouldOverwrite: "pull into another folder, or replace what is there with --overwrite"
        case .lostRace: "somebody else changed it in the meantime; look again, then repeat"
        case .gateClosed: "'martlet policy show MODEL' says what the model asks for"
        case .notFound where error.status != nil: self.inventory(missing: error.message)
        case .unexpectedAnswer: "is this the address of a Martlet server?"
        default: nil
        }
    }

    /// What says what there is, by the server's words for what is missing; `nil` where nothing does.
    private static func inventory(missing message: String) -> String? {
        if message.hasPrefix("There is no deployment") { return "'martlet deployments' says what there is" }
        guard message.contains("odel") || message.contains("ersion") else { return nil }
        return "'martlet list' and 'martlet versions MODEL' say what there is"
    }
}

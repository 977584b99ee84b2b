import FoundationEssentials
import ArgumentParser
import MartletCore

/// From when on: a moment, or how long ago.
enum SinceArgument: ExplainedArgument, Sendable {
    static let spelling = "how far to look back, as in 15m, 1h or 7d, or a moment, as in 2026-05-03T14:00Z"

    case ago(TimeSpan)
    case moment(Moment)

    init?(argument: String) {
        // Why it is none makes no difference.
        if let span = try? TimeSpan(validating: argument) {
            self = .ago(span)
        } else if let moment = Moment(argument: argument) {
            self = .moment(moment)
        } else {
            return nil
        }
    }

    /// For a server that counts back by its own clock.
    var text: String {
        switch self {
        case .ago(let span): span.description
        case .moment(let moment): moment.text
        }
    }

    /// For a server that is told moments only; counted back by the clock of this machine.
    func moment(before now: Date = Date()) -> String {
        guard case .ago(let span) = self else { return self.text }
        return (Timestamp(milliseconds: Int64(now.timeIntervalSince1970 * 1_000)) - span).text
    }
}

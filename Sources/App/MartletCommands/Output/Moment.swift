import ArgumentParser
import MartletCore

/// A moment in UTC, as people write and read it.
package struct Moment: ExplainedArgument, Sendable, Hashable {
    static let spelling = "a moment in UTC, as in 2026-05-03T14:00Z, or a day, as in 2026-05-03"

    /// RFC 3339, in UTC.
    package let text: String

    /// Reads `2026-05-03`, `2026-05-03T14:00Z`, `2026-05-03 14:00:05` and the like. Without a zone it is UTC, without a
    /// time the beginning of the day.
    package init?(argument: String) {
        // Why it is none makes no difference.
        guard let moment = (try? Timestamp(text: argument)) ?? (try? Timestamp(text: argument + "Z")) else {
            return nil
        }
        self.text = moment.text
    }

    /// A server's time without fractions of seconds, for people.
    package static func short(_ text: String) -> String {
        guard let dot = text.firstIndex(of: ".") else { return text }
        let rest = text[text.index(after: dot)...].drop { $0.isASCII && $0.isNumber }
        return String(text[..<dot]) + rest
    }

    /// A sentence of a server with its times as ``short(_:)`` writes them.
    package static func shortened(in sentence: String) -> String {
        sentence.replacing(#/(T\d\d:\d\d:\d\d)\.\d+Z/#) { "\($0.1)Z" }
    }
}

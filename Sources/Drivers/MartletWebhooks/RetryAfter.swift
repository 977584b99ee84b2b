package import MartletCore

/// When a receiver wants to be called again, as the header `Retry-After` says it (RFC 9110, section 10.2.3).
package enum RetryAfter: Sendable, Hashable {
    case seconds(Int64)
    case moment(Timestamp)

    /// - Returns: `nil` for what is neither seconds nor a date in the one form that is still written.
    package init?(_ text: String) {
        if !text.isEmpty, text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) {
            // More digits than there are of seconds mean: not for a long time.
            self = .seconds(Int64(text) ?? .max)
        } else if let moment = Self.moment(text) {
            self = .moment(moment)
        } else {
            return nil
        }
    }

    /// Milliseconds to wait, from 0 to `longest`.
    package func pause(from now: Timestamp, upTo longest: Int64) -> Int64 {
        let pause =
            switch self {
            case .seconds(let seconds): min(seconds, longest) * 1_000
            case .moment(let moment): moment.milliseconds - now.milliseconds
            }
        return min(max(pause, 0), longest)
    }

    /// As in `Sun, 06 Nov 1994 08:49:37 GMT`.
    private static func moment(_ text: String) -> Timestamp? {
        let parts = text.split(separator: " ", omittingEmptySubsequences: false)
        guard parts.count == 6, parts[5] == "GMT", let month = self.months.firstIndex(of: String(parts[2])) else {
            return nil
        }
        let monthNumber = month < 9 ? "0\(month + 1)" : "\(month + 1)"
        // What is no moment is no date either; which day of the week it says makes no difference.
        return try? Timestamp(text: "\(parts[3])-\(monthNumber)-\(parts[1])T\(parts[4])Z")
    }

    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
}

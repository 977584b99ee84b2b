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
        } else if let moment = HTTPDate.timestamp(text) {
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
}

/// Moments as HTTP writes them (RFC 9110, section 5.6.7), as in `Sun, 06 Nov 1994 08:49:37 GMT`.
package enum HTTPDate {
    /// The first is that of 1970-01-01.
    private static let weekdays = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// Writes a moment, without the parts of its second.
    package static func text(_ timestamp: Timestamp) -> String {
        let moment = CivilMoment(timestamp)
        let weekday = self.weekdays[Int((moment.days % 7 + 7) % 7)]
        let month = self.months[Int(moment.month - 1)]
        return "\(weekday), \(moment.day.padded(to: 2)) \(month) \(moment.year.padded(to: 4)) \(moment.time) GMT"
    }

    /// Reads a moment; which day of the week it says makes no difference.
    ///
    /// - Returns: `nil` for what is no date in the one form that is still written.
    package static func timestamp(_ text: String) -> Timestamp? {
        let parts = text.split(separator: " ", omittingEmptySubsequences: false)
        guard parts.count == 6, parts[5] == "GMT", let month = self.months.firstIndex(of: String(parts[2])) else {
            return nil
        }
        // What is no moment is no date either.
        return try? Timestamp(text: "\(parts[3])-\(Int64(month + 1).padded(to: 2))-\(parts[1])T\(parts[4])Z")
    }
}

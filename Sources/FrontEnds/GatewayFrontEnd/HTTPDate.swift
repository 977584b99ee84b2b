import Glibc
import HTTPTypes

/// The time as HTTP writes it (RFC 9110, section 5.6.7).
enum HTTPDate {
    private static let weekdays = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// - Parameter seconds: Since the beginning of 1970.
    static func text(_ seconds: Int) -> String {
        let (day, second) = seconds.quotientAndRemainder(dividingBy: 86_400)
        let date = self.date(day)
        let time = [second / 3_600, second / 60 % 60, second % 60].map(self.twoDigits).joined(separator: ":")
        return "\(self.weekdays[day % 7]), \(self.twoDigits(date.day)) \(self.months[date.month - 1]) "
            + "\(date.year) \(time) GMT"
    }

    static var now: String { self.text(time(nil)) }

    /// Years begin in March here, so that the day that some have is their last.
    private static func date(_ day: Int) -> (year: Int, month: Int, day: Int) {
        let (era, dayOfEra) = (day + 719_468).quotientAndRemainder(dividingBy: 146_097)
        let year = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * year + year / 4 - year / 100)
        let month = (5 * dayOfYear + 2) / 153
        let isNextYear = month >= 10
        return (
            era * 400 + year + (isNextYear ? 1 : 0), isNextYear ? month - 9 : month + 3,
            dayOfYear - (153 * month + 2) / 5 + 1
        )
    }

    private static func twoDigits(_ number: Int) -> String {
        number < 10 ? "0\(number)" : "\(number)"
    }
}

extension HTTPResponse {
    /// The same with the time of day, where the backend has not said it.
    var dated: HTTPResponse {
        guard self.headerFields[.date] == nil else { return self }
        var head = self
        head.headerFields[.date] = HTTPDate.now
        return head
    }
}

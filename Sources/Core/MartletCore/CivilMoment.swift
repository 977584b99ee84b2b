/// What calendars and clocks show at a moment, in UTC.
struct CivilMoment {
    /// Since 1970-01-01, which was a Thursday.
    let days: Int64
    let year: Int64
    /// From 1.
    let month: Int64
    let day: Int64
    private let millisecondOfDay: Int64

    init(_ moment: Timestamp) {
        let (days, rest) = moment.milliseconds.quotientAndRemainder(dividingBy: 86_400_000)
        self.days = rest < 0 ? days - 1 : days
        self.millisecondOfDay = rest < 0 ? rest + 86_400_000 : rest
        (self.year, self.month, self.day) = CivilDate.date(ofDay: self.days)
    }

    /// As in `14:00:05`.
    var time: String {
        let seconds = self.millisecondOfDay / 1_000
        return [seconds / 3_600, seconds / 60 % 60, seconds % 60].map { $0.padded(to: 2) }.joined(separator: ":")
    }

    var millisecond: Int64 { self.millisecondOfDay % 1_000 }
}

extension Int64 {
    /// The number with zeros before it, so that it has so many digits at least.
    func padded(to length: Int) -> String {
        let digits = String(self)
        return String(repeating: "0", count: Swift.max(0, length - digits.count)) + digits
    }
}

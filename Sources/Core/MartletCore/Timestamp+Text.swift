/// Moments as people and JSON write them (RFC 3339).
extension Timestamp {
    /// As in `2026-05-03T14:00:00.000Z`: in UTC, and always of the same length, so that texts sort as moments do.
    package var text: String {
        let (days, rest) = Self.floorDivide(self.milliseconds, 86_400_000)
        let (year, month, day) = CivilDate.date(ofDay: days)
        let date = "\(Self.padded(year, 4))-\(Self.padded(month, 2))-\(Self.padded(day, 2))"
        let (minutes, millisecond) = rest.quotientAndRemainder(dividingBy: 60_000)
        let time = "\(Self.padded(minutes / 60, 2)):\(Self.padded(minutes % 60, 2))"
        return "\(date)T\(time):\(Self.padded(millisecond / 1_000, 2)).\(Self.padded(millisecond % 1_000, 3))Z"
    }

    /// Reads a moment. Seconds may be left out, as may the time, which is then midnight; digits behind milliseconds
    /// say nothing here.
    ///
    /// - Throws: `invalidArgument` for anything else, also for a time without `Z` or an offset: whose would it be?
    package init(text: String) throws(MartletError) {
        var scanner = MomentScanner(text)
        guard let date = scanner.date() else { throw .notAMoment(text) }
        if scanner.isAtEnd {
            self.init(milliseconds: date * 86_400_000)
            return
        }
        guard scanner.skip("T") || scanner.skip("t") || scanner.skip(" "), let time = scanner.time(),
            let offset = scanner.offset(), scanner.isAtEnd
        else { throw .notAMoment(text) }
        self.init(milliseconds: date * 86_400_000 + time - offset)
    }

    private static func floorDivide(_ value: Int64, _ divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }

    private static func padded(_ value: Int64, _ length: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, length - digits.count)) + digits
    }
}

extension MartletError {
    fileprivate static func notAMoment(_ text: String) -> MartletError {
        .invalid("'\(text)' is not a moment; write it as 2026-05-03T14:00:00Z, 2026-05-03T14:00Z or 2026-05-03")
    }
}

/// Days since 1970-01-01 and dates of the Gregorian calendar, also before its invention.
///
/// After Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms": years begin in March, so that the day that
/// comes and goes is the last one.
private enum CivilDate {
    static func day(year: Int64, month: Int64, day: Int64) -> Int64 {
        let year = month <= 2 ? year - 1 : year
        let era = (year >= 0 ? year : year - 399) / 400
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    static func date(ofDay day: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = day + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }
}

/// Reads the parts of a moment, one after the other.
private struct MomentScanner {
    private var rest: Substring.UTF8View

    init(_ text: String) {
        self.rest = text[...].utf8
    }

    var isAtEnd: Bool { self.rest.isEmpty }

    mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard self.rest.first == UInt8(ascii: character) else { return false }
        self.rest = self.rest.dropFirst()
        return true
    }

    /// Days since 1970-01-01.
    mutating func date() -> Int64? {
        guard let year = self.number(4), self.skip("-"), let month = self.number(2), self.skip("-"),
            let day = self.number(2), (1...12).contains(month), (1...31).contains(day)
        else { return nil }
        let days = CivilDate.day(year: year, month: month, day: day)
        // There is no 31st of April: it would come back as the first of May.
        return CivilDate.date(ofDay: days).day == day ? days : nil
    }

    /// Milliseconds since midnight.
    mutating func time() -> Int64? {
        guard let hour = self.number(2), hour < 24, self.skip(":"), let minute = self.number(2), minute < 60 else {
            return nil
        }
        var milliseconds = (hour * 60 + minute) * 60_000
        guard self.skip(":") else { return milliseconds }
        guard let second = self.number(2), second <= 60 else { return nil }
        milliseconds += second * 1_000
        guard self.skip(".") else { return milliseconds }
        let digits = self.rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        guard !digits.isEmpty else { return nil }
        self.rest = self.rest.dropFirst(digits.count)
        let padded = Array(digits.prefix(3)) + Array(repeating: UInt8(ascii: "0"), count: max(0, 3 - digits.count))
        return milliseconds + padded.reduce(0) { $0 * 10 + Int64($1 - UInt8(ascii: "0")) }
    }

    /// Milliseconds by which local time is ahead of UTC.
    mutating func offset() -> Int64? {
        if self.skip("Z") || self.skip("z") { return 0 }
        let isBehind = self.skip("-")
        guard isBehind || self.skip("+"), let hours = self.number(2), hours < 24, self.skip(":"),
            let minutes = self.number(2), minutes < 60
        else { return nil }
        return (isBehind ? -1 : 1) * (hours * 60 + minutes) * 60_000
    }

    private mutating func number(_ length: Int) -> Int64? {
        let digits = self.rest.prefix(length)
        guard digits.count == length, digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        else { return nil }
        self.rest = self.rest.dropFirst(length)
        return digits.reduce(0) { $0 * 10 + Int64($1 - UInt8(ascii: "0")) }
    }
}

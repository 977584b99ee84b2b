/// Moments as people and JSON write them (RFC 3339).
extension Timestamp {
    /// As in `2026-05-03T14:00:00.000Z`: in UTC, and always of the same length, so that texts sort as moments do.
    package var text: String {
        let moment = CivilMoment(self)
        let date = "\(moment.year.padded(to: 4))-\(moment.month.padded(to: 2))-\(moment.day.padded(to: 2))"
        return "\(date)T\(moment.time).\(moment.millisecond.padded(to: 3))Z"
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
}

extension MartletError {
    fileprivate static func notAMoment(_ text: String) -> MartletError {
        .invalid("'\(text)' is not a moment; write it as 2026-05-03T14:00:00Z, 2026-05-03T14:00Z or 2026-05-03")
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

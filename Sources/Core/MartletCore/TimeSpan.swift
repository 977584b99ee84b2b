/// A length of time, in whole milliseconds, as people write it.
package struct TimeSpan: Sendable, Hashable, Comparable {
    private static let units: [(name: String, milliseconds: Int64)] = [
        ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1),
    ]
    /// A year: whoever means more means something else.
    private static let millisecondsMax: Int64 = 366 * 86_400_000

    package let milliseconds: Int64

    package init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    /// - Throws: `invalidArgument` for none, and for more than a year.
    package init(validatingMilliseconds milliseconds: Int64) throws(MartletError) {
        guard (1...Self.millisecondsMax).contains(milliseconds) else {
            throw .invalid("A length of time has 1 to \(Self.millisecondsMax) milliseconds, not \(milliseconds).")
        }
        self.milliseconds = milliseconds
    }

    /// Reads `500ms`, `2s`, `5m`, `1h`, `7d`: a whole number above 0 and one unit.
    package init(validating text: String) throws(MartletError) {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let unit = Self.units.first { $0.name == text.dropFirst(digits.count) }
        guard let unit, let count = Int64(digits), count > 0, count <= Self.millisecondsMax / unit.milliseconds else {
            throw .invalid("'\(text)' is no length of time: write 30s, 5m, 1h or 7d, at most a year.")
        }
        self.milliseconds = count * unit.milliseconds
    }

    package static func < (left: TimeSpan, right: TimeSpan) -> Bool {
        left.milliseconds < right.milliseconds
    }
}

extension TimeSpan: CustomStringConvertible {
    /// In the largest unit that says it exactly.
    package var description: String {
        for unit in Self.units where self.milliseconds >= unit.milliseconds {
            let (count, rest) = self.milliseconds.quotientAndRemainder(dividingBy: unit.milliseconds)
            if rest == 0 { return "\(count)\(unit.name)" }
        }
        return "\(self.milliseconds)ms"
    }
}

extension Timestamp {
    package static func + (moment: Timestamp, span: TimeSpan) -> Timestamp {
        Timestamp(milliseconds: moment.milliseconds + span.milliseconds)
    }

    package static func - (moment: Timestamp, span: TimeSpan) -> Timestamp {
        Timestamp(milliseconds: moment.milliseconds - span.milliseconds)
    }
}

import ArgumentParser

/// A moment in UTC, as people write and read it.
struct Moment: ExpressibleByArgument, Sendable, Hashable {
    /// RFC 3339, whole.
    let text: String

    /// Reads `2026-05-03`, `2026-05-03T14:00Z`, `2026-05-03 14:00:05` and the like. Without a zone it is UTC, without a
    /// time the beginning of the day.
    init?(argument: String) {
        let parts = argument.split(maxSplits: 1, omittingEmptySubsequences: false) {
            $0 == "T" || $0 == "t" || $0 == " "
        }
        guard let day = parts.first, Self.isDate(day) else { return nil }
        guard parts.count == 2 else {
            self.text = "\(day)T00:00:00Z"
            return
        }
        let zoneStart = parts[1].firstIndex { "Zz+-".contains($0) } ?? parts[1].endIndex
        guard let time = Self.time(parts[1][..<zoneStart]), let zone = Self.zone(parts[1][zoneStart...]) else {
            return nil
        }
        self.text = "\(day)T\(time)\(zone)"
    }

    /// A server's time without fractions of seconds, for people.
    static func short(_ text: String) -> String {
        guard let dot = text.firstIndex(of: ".") else { return text }
        let rest = text[text.index(after: dot)...].drop { $0.isASCII && $0.isNumber }
        return String(text[..<dot]) + rest
    }

    private static func isDate(_ text: Substring) -> Bool {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        return parts.map(\.count) == [4, 2, 2] && self.isNumber(parts[0], 1...9_999)
            && self.isNumber(parts[1], 1...12) && self.isNumber(parts[2], 1...31)
    }

    private static func time(_ text: Substring) -> String? {
        let whole = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let parts = whole[0].split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2 || parts.count == 3, parts.allSatisfy({ $0.count == 2 }),
            self.isNumber(parts[0], 0...23), parts.dropFirst().allSatisfy({ self.isNumber($0, 0...59) })
        else { return nil }
        guard whole.count == 2 else { return parts.count == 2 ? "\(text):00" : String(text) }
        return parts.count == 3 && self.isNumber(whole[1], 0...999_999_999) ? String(text) : nil
    }

    private static func zone(_ text: Substring) -> String? {
        guard let sign = text.first, sign == "+" || sign == "-" else { return "Z" }
        let parts = text.dropFirst().split(separator: ":", omittingEmptySubsequences: false)
        guard parts.map(\.count) == [2, 2], self.isNumber(parts[0], 0...23), self.isNumber(parts[1], 0...59) else {
            return nil
        }
        return String(text)
    }

    private static func isNumber(_ text: Substring, _ range: ClosedRange<Int>) -> Bool {
        text.allSatisfy { $0.isASCII && $0.isNumber } && Int(text).map(range.contains) ?? false
    }
}

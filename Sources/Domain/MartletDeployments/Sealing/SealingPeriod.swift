package import MartletCore

/// How long the times are whose decisions are sealed together.
package struct SealingPeriod: Sendable {
    private let length: TimeSpan

    package init(_ length: TimeSpan) {
        self.length = length
    }

    /// How long after the end of a period its decisions are waited for: a record may wait for a database that is away,
    /// and servers' clocks differ.
    private var grace: TimeSpan { TimeSpan(milliseconds: self.length.milliseconds / 2) }

    /// What has not been written by then never is, so that what is sealed stays as it is.
    package var lateness: TimeSpan { TimeSpan(milliseconds: self.length.milliseconds / 4) }

    /// How often to look whether one is over.
    package var pause: Duration { .milliseconds(min(60_000, max(100, self.length.milliseconds / 10))) }

    /// Returns the period of a moment, without what is sealed already.
    func containing(_ moment: Timestamp, after sealed: Timestamp) -> Range<Timestamp>? {
        let length = self.length.milliseconds
        let start = Timestamp(milliseconds: moment.milliseconds / length * length)
        let end = start + self.length
        return sealed < end ? max(start, sealed)..<end : nil
    }

    func isSettled(_ range: Range<Timestamp>, at now: Timestamp) -> Bool {
        range.upperBound + self.grace <= now
    }
}

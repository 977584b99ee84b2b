import Synchronization

/// The text of the second that it is now, made once for all who ask while it lasts.
package final class HTTPDateCache: Sendable {
    private let latest = Mutex((second: Int64.min, text: ""))

    package init() {}

    /// Returns a moment as ``HTTPDate`` writes it.
    ///
    /// - Parameter second: Since 1970-01-01T00:00:00Z.
    package func text(ofSecond second: Int64) -> String {
        self.latest.withLock { latest in
            if latest.second != second {
                latest = (second, HTTPDate.text(Timestamp(milliseconds: second * 1_000)))
            }
            return latest.text
        }
    }
}

package import MartletCore

/// How exact a ``LatencyHistogram`` is, and up to where.
package struct LatencyLayout: Sendable, Hashable {
    /// A bucket is narrower than 10^-digits of its values.
    package let digits: Int
    /// In microseconds; longer durations are counted as this one.
    package let highest: UInt64
    /// m of the description of ``LatencyHistogram``.
    private let bits: Int

    /// Two digits up to an hour, in 3,287 buckets.
    package static let standard = LatencyLayout(trustedDigits: 2, highest: 3_600_000_000)

    /// - Parameter digits: 1, 2 or 3.
    package init(digits: Int, highest: UInt64) throws(MartletError) {
        guard (1...3).contains(digits), (1...Limits.latencyMicroseconds).contains(highest) else {
            throw .invalid("a histogram has 1, 2 or 3 digits, up to \(Limits.latencyMicroseconds) µs")
        }
        self.init(trustedDigits: digits, highest: highest)
    }

    private init(trustedDigits digits: Int, highest: UInt64) {
        self.digits = digits
        self.highest = highest
        self.bits = [5, 8, 11][digits - 1]
    }

    /// How many buckets there are.
    package var bucketCount: Int { self.bucket(of: self.highest) + 1 }

    /// Returns the bucket of a duration.
    package func bucket(of microseconds: UInt64) -> Int {
        let value = min(microseconds, self.highest)
        let shift = max(0, UInt64.bitWidth - value.leadingZeroBitCount - self.bits)
        return shift << (self.bits - 1) + Int(truncatingIfNeeded: value >> UInt64(shift))
    }

    /// Returns the durations that share a bucket.
    package func values(of bucket: Int) -> ClosedRange<UInt64> {
        guard bucket >= 1 << self.bits else { return UInt64(bucket)...UInt64(bucket) }
        let shift = bucket >> (self.bits - 1) - 1
        let lowest = UInt64(bucket - shift << (self.bits - 1)) << UInt64(shift)
        return lowest...(lowest + 1 << UInt64(shift) - 1)
    }
}

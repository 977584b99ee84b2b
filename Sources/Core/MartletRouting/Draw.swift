/// A random number in [0, 1): ``bits`` / 2^64.
package struct Draw: Sendable, Hashable {
    package let bits: UInt64

    package init(bits: UInt64) {
        self.bits = bits
    }

    /// Whether the number is below `share`, exactly: ⌊`bits` · 10^6 / 2^64⌋ < `partsPerMillion`.
    ///
    /// What samples so by a growing share keeps whoever it had.
    package func isBelow(_ share: Share) -> Bool {
        self.bits.multipliedFullWidth(by: UInt64(Share.all.partsPerMillion)).high < share.partsPerMillion
    }

    /// How many bits follow the point in ``surprise``.
    static let surpriseFractionBits: UInt64 = 48

    /// -log2 of the number, as a whole number of 2^-48, never 0.
    ///
    /// Two languages must agree to the last bit, and their libraries' logarithms do not. So this is defined by its
    /// computation, the classical one digit at a time: squaring a number in [1, 2) doubles its logarithm, whose whole
    /// part is the next binary digit. Each square is cut to 63 bits behind the point; all of it is wrong by less than
    /// 2^-48 + 2^-60.
    var surprise: UInt64 {
        // An odd number is neither 0 nor 2^64, which have no logarithm here.
        let odd = self.bits | 1
        let zeros = UInt64(odd.leadingZeroBitCount)
        var mantissa = odd << zeros
        var logarithm = 63 - zeros
        for _ in 0..<Self.surpriseFractionBits {
            // The square is in [1, 4): two bits before the point.
            let square = mantissa.multipliedFullWidth(by: mantissa)
            let digit = square.high >> 63
            mantissa = digit == 1 ? square.high : square.high << 1 | square.low >> 63
            logarithm = logarithm << 1 | digit
        }
        return 64 << Self.surpriseFractionBits - logarithm
    }
}

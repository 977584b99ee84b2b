import Glibc

/// The functions of mathematics that the standard library does not have.
enum Elementary {
    static func log(_ x: Double) -> Double { Glibc.log(x) }

    static func exp(_ x: Double) -> Double { Glibc.exp(x) }

    /// ln Γ(x), for positive `x`.
    static func logGamma(_ x: Double) -> Double {
        // lgamma itself keeps the sign of Γ in a global variable, which threads would share.
        var sign: Int32 = 0
        return lgamma_r(x, &sign)
    }

    /// ln Γ(x + n) - ln Γ(x), which for a whole `n` is ln (x (x + 1) … (x + n - 1)).
    static func logRising(_ x: Double, _ n: Double) -> Double {
        n == 0 ? 0 : self.logGamma(x + n) - self.logGamma(x)
    }

    /// ln (exp x + exp y), also where the exponentials are too large.
    static func logSum(_ x: Double, _ y: Double) -> Double {
        let greater = max(x, y)
        return greater.isInfinite ? greater : greater + Glibc.log(1 + Glibc.exp(-abs(x - y)))
    }
}

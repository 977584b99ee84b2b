/// At which number of observations a mixture's confidence sequence is as narrow as it can be.
///
/// A mixture of normals over `dimensions` unknowns, whose spread is worth the information of κ observations, has after
/// n of them the squared half-width 2 (1 + 1/x) (ln(1/α) + dimensions/2 · ln(1 + x)) standard errors, with x = n/κ
/// (Howard, Ramdas, McAuliffe and Sekhon, "Time-uniform, nonparametric, nonasymptotic confidence sequences", Annals of
/// Statistics 49, 2021, Proposition 5, for one dimension). It is least where x = 2 ln(1/α)/dimensions + ln(1 + x). Ten
/// times fewer or more observations cost some 10 to 35 percent of width, so a rough guess is good enough.
///
/// Whatever it is set to, the error rates hold.
enum MixtureTuning {
    /// Returns κ: how many observations the mixture's spread is worth.
    static func strength(tightestAt count: Double, alpha: Double, dimensions: Double) -> Double {
        let target = 2 * Elementary.log(1 / alpha) / dimensions
        // Newton's method on x - ln(1 + x) = target, which is convex: the error is squared with each step.
        let ratio = (0..<6).reduce(target + 1) { x, _ in
            x - (x - Elementary.log(1 + x) - target) * (1 + x) / x
        }
        return max(1, count / ratio)
    }
}

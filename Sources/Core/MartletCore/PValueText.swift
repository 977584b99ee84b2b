/// How p-values are written: those below a ten-thousandth as that, since how far below says nothing, and none is 0.
package enum PValueText {
    private static let smallest = 0.0001

    /// For a sentence, as in `p = 0.0213` and `p < 0.0001`.
    package static func named(_ value: Double) -> String {
        value < self.smallest ? "p < \(self.smallest.brief)" : "p = \(value.brief)"
    }

    /// For a table whose column says what it is, as in `0.0213` and `< 0.0001`.
    package static func alone(_ value: Double) -> String {
        value < self.smallest ? "< \(self.smallest.brief)" : value.brief
    }
}

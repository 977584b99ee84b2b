import MartletCore
import Testing

@Suite("brief numbers")
struct BriefNumberTests {
    @Test(
        "a number is written with six significant digits, and without those that say nothing",
        arguments: [
            (0.9 - 0.81, "0.09"), (0.1 + 0.2, "0.3"), (1.0, "1"), (-2.5, "-2.5"), (0, "0"), (123_456_789, "123457000"),
            (0.000012345678, "1.23457e-05"), (1.0 / 3, "0.333333"), (.infinity, "inf"), (99.99999999, "100"),
        ] as [(Double, String)]
    )
    func brief(value: Double, text: String) {
        #expect(value.brief == text)
    }

    @Test(
        "a p-value is never 0, and none is told more precisely than anybody compares",
        arguments: [
            (0, "p < 0.0001", "< 0.0001"), (.leastNonzeroMagnitude, "p < 0.0001", "< 0.0001"),
            (0.00009999, "p < 0.0001", "< 0.0001"),
            (0.0001, "p = 0.0001", "0.0001"), (0.0213, "p = 0.0213", "0.0213"), (1, "p = 1", "1"),
        ] as [(Double, String, String)]
    )
    func pValue(value: Double, named: String, alone: String) {
        #expect(PValueText.named(value) == named)
        #expect(PValueText.alone(value) == alone)
    }
}

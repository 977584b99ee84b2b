import MartletCore
import Testing

@Suite("Lengths of time")
struct TimeSpanTests {
    @Test(
        "are read in any unit and written in the largest that is exact",
        arguments: [("500ms", "500ms"), ("1000ms", "1s"), ("90s", "90s"), ("120s", "2m"), ("24h", "1d"), ("7d", "7d")]
    )
    func roundTrip(text: String, written: String) throws {
        #expect(try TimeSpan(validating: text).description == written)
    }

    @Test(
        "have a number and a unit",
        arguments: ["", "5", "m", "0s", "-1s", "1.5h", "5 m", "5w", "367d", "1e3s", "٣s"]
    )
    func refused(text: String) {
        #expect(throws: MartletError.self) { try TimeSpan(validating: text) }
    }
}

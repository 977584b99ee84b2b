import MartletCore
import MartletWebhooks
import Testing

@Suite("When a receiver wants to be called again")
struct RetryAfterTests {
    private static let now = Timestamp(milliseconds: 784_111_777_000)

    @Test(
        "is said in seconds or as a date, and waited for no longer than is allowed",
        arguments: [
            ("0", 0), ("7", 7_000), ("3600", 60_000), ("9223372036854775807", 60_000),
            ("99999999999999999999", 60_000), ("Sun, 06 Nov 1994 08:49:37 GMT", 0),
            ("Sun, 06 Nov 1994 08:49:47 GMT", 10_000), ("Sun, 06 Nov 1994 08:00:00 GMT", 0),
            ("Mon, 07 Nov 1994 08:49:37 GMT", 60_000),
        ]
    )
    func pause(text: String, milliseconds: Int64) throws {
        let retryAfter = try #require(RetryAfter(text))
        #expect(retryAfter.pause(from: Self.now, upTo: 60_000) == milliseconds)
    }

    @Test(
        "is not known from anything else",
        arguments: [
            "", " ", "-1", "+1", "1.5", "1s", "soon", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 CET",
            "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 06 Foo 1994 08:49:37 GMT", "Sun,  06 Nov 1994 08:49:37 GMT",
        ]
    )
    func nonsense(text: String) {
        #expect(RetryAfter(text) == nil)
    }
}

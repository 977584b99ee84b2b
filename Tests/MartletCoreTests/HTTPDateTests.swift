import MartletCore
import Testing

@Suite("moments as HTTP writes them")
struct HTTPDateTests {
    @Test(
        "a moment is written to the second, and reads back as that",
        arguments: [
            (0, "Thu, 01 Jan 1970 00:00:00 GMT"), (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
            (951_825_599, "Tue, 29 Feb 2000 11:59:59 GMT"), (1_777_816_800, "Sun, 03 May 2026 14:00:00 GMT"),
            (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT"), (1_798_761_599, "Thu, 31 Dec 2026 23:59:59 GMT"),
            (-1, "Wed, 31 Dec 1969 23:59:59 GMT"),
        ] as [(Int64, String)]
    )
    func text(seconds: Int64, text: String) {
        #expect(HTTPDate.text(Timestamp(milliseconds: seconds * 1_000 + 999)) == text)
        #expect(HTTPDate.timestamp(text)?.milliseconds == seconds * 1_000)
    }

    @Test(
        "what is no date of HTTP is refused",
        arguments: [
            "", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 CET", "Sun, 31 Feb 1994 08:49:37 GMT",
            "Sun, 06 Foo 1994 08:49:37 GMT", "Sun,  06 Nov 1994 08:49:37 GMT", "Sun Nov  6 08:49:37 1994",
            "Sunday, 06-Nov-94 08:49:37 GMT", "1994-11-06T08:49:37Z",
        ]
    )
    func refusal(text: String) {
        #expect(HTTPDate.timestamp(text) == nil)
    }

    @Test("the date that is kept is that of the second that is asked for")
    func cache() {
        let cache = HTTPDateCache()
        for second: Int64 in [1_777_816_800, 1_777_816_800, 1_777_816_801, 1_777_816_800, 0] {
            #expect(cache.text(ofSecond: second) == HTTPDate.text(Timestamp(milliseconds: second * 1_000)))
        }
    }
}

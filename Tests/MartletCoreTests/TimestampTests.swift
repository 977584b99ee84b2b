import MartletCore
import Testing

@Suite("moments as text")
struct TimestampTests {
    @Test(
        "a moment is written in UTC with milliseconds, and reads back as itself",
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (1_777_816_800_123, "2026-05-03T14:00:00.123Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"),
            (4_107_542_399_999, "2100-02-28T23:59:59.999Z"), (-2_203_891_200_000, "1900-03-01T00:00:00.000Z"),
        ]
    )
    func text(milliseconds: Int64, text: String) throws {
        #expect(Timestamp(milliseconds: milliseconds).text == text)
        #expect(try Timestamp(text: text).milliseconds == milliseconds)
    }

    @Test(
        "a moment may be written shorter, with an offset, or with more digits than count",
        arguments: [
            ("2026-05-03T14:00Z", "2026-05-03T14:00:00.000Z"), ("2026-05-03", "2026-05-03T00:00:00.000Z"),
            ("2026-05-03T14:00:00+02:00", "2026-05-03T12:00:00.000Z"),
            ("2026-05-03 14:00:00.5-00:30", "2026-05-03T14:30:00.500Z"),
            ("2026-05-03t14:00:00.123456789z", "2026-05-03T14:00:00.123Z"),
        ]
    )
    func reading(text: String, full: String) throws {
        #expect(try Timestamp(text: text).text == full)
    }

    @Test(
        "what is no moment is refused",
        arguments: [
            "", "yesterday", "2026-05-03T14:00", "2026-13-01", "2026-02-30", "2026-05-03T25:00Z",
            "2026-05-03T14:00:00.Z",
            "2026-05-03T14:00Z ", "20260503", "2026-5-3", "2026-05-03T14:00+2:00", "2026-00-10", "2026-01-00",
        ]
    )
    func refusal(text: String) {
        #expect(throws: MartletError.self) { try Timestamp(text: text) }
    }
}

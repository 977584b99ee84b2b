import MartletCore
import Testing

struct IdentifierTests {
    @Test(
        "what could not be an identifier anywhere is refused",
        arguments: ["", "-a", "a/b", "a b", "..", "ä", "a\0b"]
    )
    func refused(text: String) {
        #expect(throws: MartletError.self) { try RunID(validating: text) }
        #expect(throws: MartletError.self) { try LoggedModelID(validating: text) }
    }

    @Test("identifiers of other servers are kept as they are", arguments: ["a", "0f", "my-run_1", "m-00ff"])
    func accepted(text: String) throws {
        #expect(try RunID(validating: text).rawValue == text)
    }

    @Test("an identifier has at most 256 characters")
    func length() throws {
        #expect(try RunID(validating: String(repeating: "a", count: 256)).rawValue.count == 256)
        #expect(throws: MartletError.self) { try RunID(validating: String(repeating: "a", count: 257)) }
    }

    @Test("an experiment id is a decimal number that fits", arguments: ["", "abc", "1.5", "99999999999999999999"])
    func experiments(text: String) {
        #expect(throws: MartletError.self) { try ExperimentID(validating: text) }
    }

    @Test("a digest is 64 lowercase digits")
    func digests() throws {
        let text = String(repeating: "0a", count: 32)
        #expect(try BlobDigest(validating: text).description == text)
        #expect(throws: MartletError.self) { try BlobDigest(validating: text.uppercased()) }
        #expect(throws: MartletError.self) { try BlobDigest(validating: String(text.dropLast(2))) }
    }
}

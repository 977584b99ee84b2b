import MartletCore
import MartletProofs
import Testing

@Suite("Signed checkpoints")
struct CheckpointTests {
    private let checkpoint = Checkpoint(origin: "martlet.example/log", size: 7, root: MerkleHash(leaf: [1, 2, 3]))

    private func makeSigner(_ name: String = "martlet.example/log") throws -> NoteSigner {
        try NoteSigner(name: name, privateKey: NoteSigner.makePrivateKey())
    }

    @Test("a checkpoint comes back from its note, and its signature is good")
    func roundTrip() throws {
        let signer = try self.makeSigner()
        let note = try SignedNote(self.checkpoint.text, by: signer).note
        let read = try SignedNote(parsing: note)
        #expect(read.isSigned(by: signer.verifier))
        #expect(try Checkpoint(read.text) == self.checkpoint)
    }

    @Test("the text of a key is all that it takes to check a signature")
    func verifierText() throws {
        let signer = try self.makeSigner()
        let verifier = try NoteVerifier(signer.verifier.text)
        #expect(try SignedNote(self.checkpoint.text, by: signer).isSigned(by: verifier))
    }

    /// The example of `https://pkg.go.dev/golang.org/x/mod/sumdb/note`.
    @Test("a note that Go signed is accepted, and a changed one is not")
    func foreignNote() throws {
        let verifier = try NoteVerifier("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
        let text =
            "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
        let bytes = "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="
        let signature = "\u{2014} PeterNeumann \(bytes)\n"
        #expect(try SignedNote(parsing: "\(text)\n\(signature)").isSigned(by: verifier))
        let changed = text.replacing("answer", with: "Answer")
        #expect(try !SignedNote(parsing: "\(changed)\n\(signature)").isSigned(by: verifier))
    }

    @Test("another key's signature is not this one's, also under the same name")
    func otherKey() throws {
        let note = try SignedNote(self.checkpoint.text, by: try self.makeSigner())
        #expect(try !note.isSigned(by: self.makeSigner().verifier))
    }

    @Test(
        "what is no note, no key and no checkpoint is refused",
        arguments: [
            "", "text\n", "text\n\n", "text\n\n\u{2014} name\n", "text\n\n\u{2014} name AAAA\n",
            "text\n\n- name AAAAAAAA\n",
        ]
    )
    func malformedNotes(note: String) {
        #expect(throws: MartletError.self) { try SignedNote(parsing: note) }
        #expect(throws: MartletError.self) { try NoteVerifier(note) }
        #expect(throws: MartletError.self) { try Checkpoint(note) }
    }

    @Test(
        "a size has one spelling, and a root the right length",
        arguments: ["07\nAAAA", "-1\nAAAA", "7\nAAAA", "x\n"]
    )
    func malformedCheckpoints(lines: String) {
        #expect(throws: MartletError.self) { try Checkpoint("origin\n\(lines)\n") }
    }
}

import Crypto
package import MartletCore

/// A text with signatures below it (C2SP signed-note, `https://c2sp.org/signed-note`).
package struct SignedNote: Sendable {
    /// What is signed; ends with a line feed.
    package let text: String
    private let signatures: [Signature]

    private struct Signature {
        let name: String
        /// The key's four bytes, then the signature proper.
        let bytes: [UInt8]
    }

    /// Signs `text`, which must end with a line feed.
    package init(_ text: String, by signer: NoteSigner) throws(MartletError) {
        precondition(text.hasSuffix("\n"), "a note ends with a line feed")
        self.text = text
        let bytes = signer.verifier.keyID + (try signer.signature(of: text))
        self.signatures = [Signature(name: signer.verifier.name, bytes: bytes)]
    }

    /// Reads a note, and checks none of its signatures.
    package init(parsing note: String) throws(MartletError) {
        guard let gap = note.firstRange(of: "\n\n") else { throw .invalid("this is not a signed note") }
        self.text = String(note[..<note.index(after: gap.lowerBound)])
        var signatures: [Signature] = []
        for line in note[gap.upperBound...].split(separator: "\n") {
            signatures.append(try Self.signature(line))
        }
        guard !signatures.isEmpty else { throw .invalid("the note has no signature") }
        self.signatures = signatures
    }

    /// The whole note, as it is handed out.
    package var note: String {
        let lines = self.signatures.map { "\u{2014} \($0.name) \(Base64.string($0.bytes))\n" }
        return "\(self.text)\n\(lines.joined())"
    }

    /// Whether the note bears this key's signature.
    package func isSigned(by verifier: NoteVerifier) -> Bool {
        self.signatures.contains { signature in
            signature.name == verifier.name && signature.bytes.starts(with: verifier.keyID)
                && verifier.publicKey.isValidSignature(signature.bytes.dropFirst(4), for: Array(self.text.utf8))
        }
    }

    private static func signature(_ line: Substring) throws(MartletError) -> Signature {
        let parts = line.split(separator: " ", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == "\u{2014}", let bytes = Base64.bytes(parts[2]), bytes.count > 4 else {
            throw .invalid("a line of the note is not a signature")
        }
        return Signature(name: String(parts[1]), bytes: bytes)
    }
}

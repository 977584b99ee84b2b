package import Crypto
package import MartletCore

/// The name and the public key under which notes are signed (C2SP signed-note, `https://c2sp.org/signed-note`).
///
/// Its text, `name+hash+key`, is what one gives to whoever shall check signatures.
package struct NoteVerifier: Sendable {
    /// The signature's algorithm: Ed25519.
    static let algorithm: UInt8 = 1

    package let name: String
    let publicKey: Curve25519.Signing.PublicKey

    package init(name: String, publicKey: Curve25519.Signing.PublicKey) throws(MartletError) {
        guard Self.acceptsName(name) else { throw .invalid("'\(name)' cannot be the name of a key") }
        self.name = name
        self.publicKey = publicKey
    }

    /// Reads what ``text`` says.
    package init(_ text: String) throws(MartletError) {
        // Only the key itself, which comes last, may contain a plus sign.
        let parts = text.split(separator: "+", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, let key = Base64.bytes(parts[2]), key.first == Self.algorithm,
            let publicKey = try? Curve25519.Signing.PublicKey(rawRepresentation: key.dropFirst())
        else { throw .invalid("'\(text)' is not a public key for notes") }
        try self.init(name: String(parts[0]), publicKey: publicKey)
        guard Hexadecimal.string(self.keyID) == parts[1] else {
            throw .invalid("'\(text)' is not a public key for notes: its hash is another one's")
        }
    }

    package var text: String {
        let key = Base64.string([Self.algorithm] + self.publicKey.rawRepresentation)
        return "\(self.name)+\(Hexadecimal.string(self.keyID))+\(key)"
    }

    /// Four bytes that tell this key from others of the same name.
    var keyID: [UInt8] {
        let named = Array(self.name.utf8) + [UInt8(ascii: "\n"), Self.algorithm]
        return Array(SHA256.hash(data: named + self.publicKey.rawRepresentation).prefix(4))
    }

    private static func acceptsName(_ name: String) -> Bool {
        !name.isEmpty && !name.unicodeScalars.contains { $0 == "+" || $0.properties.isWhitespace }
    }
}

/// Signs notes.
package struct NoteSigner: Sendable {
    package let verifier: NoteVerifier
    private let privateKey: Curve25519.Signing.PrivateKey

    /// - Parameter privateKey: Its 32 bytes; keep them secret.
    package init(name: String, privateKey: [UInt8]) throws(MartletError) {
        guard let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: privateKey) else {
            throw .invalid("this is not an Ed25519 key")
        }
        self.privateKey = key
        self.verifier = try NoteVerifier(name: name, publicKey: key.publicKey)
    }

    /// Reads what ``secretText`` says.
    package init(secretText text: String) throws(MartletError) {
        let parts = text.split(separator: "+", maxSplits: 4, omittingEmptySubsequences: false)
        guard parts.count == 5, parts[0] == "PRIVATE", parts[1] == "KEY", let key = Base64.bytes(parts[4]),
            key.first == NoteVerifier.algorithm
        else { throw .invalid("this is not a private key for notes") }
        try self.init(name: String(parts[2]), privateKey: Array(key.dropFirst()))
        guard Hexadecimal.string(self.verifier.keyID) == parts[3] else {
            throw .invalid("this is not a private key for notes: its hash is another one's")
        }
    }

    /// The name and the private key, `PRIVATE+KEY+name+hash+key`, as Go's `golang.org/x/mod/sumdb/note` writes them.
    package var secretText: String {
        let key = Base64.string([NoteVerifier.algorithm] + self.privateKey.rawRepresentation)
        return "PRIVATE+KEY+\(self.verifier.name)+\(Hexadecimal.string(self.verifier.keyID))+\(key)"
    }

    /// Returns 32 new secret bytes.
    package static func makePrivateKey() -> [UInt8] {
        Array(Curve25519.Signing.PrivateKey().rawRepresentation)
    }

    /// Returns 32 secret bytes that only who has the key can compute, and that tell nothing of it (HKDF, RFC 5869).
    ///
    /// - Parameter purpose: Keeps the bytes for different things apart.
    package func derivedKey(for purpose: String) -> [UInt8] {
        let key = HKDF<SHA256>.deriveKey(
            inputKeyMaterial: SymmetricKey(data: self.privateKey.rawRepresentation),
            info: Array(purpose.utf8),
            outputByteCount: 32
        )
        return key.withUnsafeBytes { Array($0) }
    }

    func signature(of text: String) throws(MartletError) -> [UInt8] {
        do {
            return Array(try self.privateKey.signature(for: Array(text.utf8)))
        } catch {
            throw MartletError(.internal, "the note could not be signed", cause: error)
        }
    }
}

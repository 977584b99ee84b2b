import Crypto
import MartletCore
import MartletSQL

/// Encrypts the secrets of webhooks with a key that is not in the database.
///
/// AES-256-GCM; a secret is bound to its webhook, so that one who can write rows cannot have messages to somebody else
/// signed with it.
package struct WebhookSecrets: Sendable {
    private let key: SymmetricKey

    /// - Parameter key: 32 secret bytes.
    package init(key: [UInt8]) {
        precondition(key.count == 32, "AES-256 has keys of 32 bytes")
        self.key = SymmetricKey(data: key)
    }

    func seal(_ secret: String, of webhookID: String) throws(MartletError) -> SealedSecret {
        do {
            let box = try AES.GCM.seal(Array(secret.utf8), using: self.key, authenticating: Array(webhookID.utf8))
            guard let combined = box.combined else { throw CryptoKitError.incorrectParameterSize }
            return SealedSecret(bytes: Array(combined))
        } catch {
            throw MartletError(.internal, "the secret could not be encrypted", cause: error)
        }
    }

    /// - Throws: `integrity` for what was encrypted with another key, or for another webhook.
    func open(_ sealed: SealedSecret, of webhookID: String) throws(MartletError) -> String {
        do {
            let box = try AES.GCM.SealedBox(combined: sealed.bytes)
            return String(
                decoding: try AES.GCM.open(box, using: self.key, authenticating: Array(webhookID.utf8)),
                as: UTF8.self
            )
        } catch {
            throw MartletError(
                .integrity,
                "the secret was encrypted with another ledger key; set it again",
                cause: error
            )
        }
    }
}

/// A secret as it lies in the database: useless without the key.
struct SealedSecret: Sendable, SQLBindable {
    let bytes: [UInt8]

    var sqlValue: SQLValue { .bytes(self.bytes) }
}

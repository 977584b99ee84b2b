/// The SHA-256 of a whole file: the identity of its bytes, wherever and however they are stored.
package struct BlobDigest: Sendable, Hashable {
    /// Exactly 32 bytes.
    package let bytes: [UInt8]

    package static let byteCount = 32

    /// Trusts the caller to pass a digest that was computed or stored by us.
    package init(bytes: [UInt8]) {
        precondition(bytes.count == Self.byteCount, "a SHA-256 has 32 bytes")
        self.bytes = bytes
    }

    /// Keeps a SHA-256 that was just computed.
    package init(_ hash: some Sequence<UInt8>) {
        self.init(bytes: Array(hash))
    }

    /// Accepts 64 lowercase hexadecimal digits and nothing else.
    package init(validating text: String) throws(MartletError) {
        guard let bytes = Hexadecimal.bytes(text), bytes.count == Self.byteCount else {
            throw .invalid("'\(text)' is not a SHA-256 digest")
        }
        self.bytes = bytes
    }
}

extension BlobDigest: CustomStringConvertible {
    package var description: String { Hexadecimal.string(self.bytes) }
}

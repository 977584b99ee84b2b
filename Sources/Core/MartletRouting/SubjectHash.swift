import Crypto
import MartletCore

/// Who a request is about, as far as routing and its records know: a salted SHA-256 of the subject.
///
/// It is `SHA-256("martlet subject v1" ‖ 00 ‖ length of the salt, one byte ‖ salt ‖ subject)`. Every random choice for
/// a subject follows from it alone (see ``draw(_:)``), so whoever has the hash can repeat the choice without learning
/// the subject; and who does not know the salt cannot try subjects out.
package struct SubjectHash: Sendable, Hashable {
    package static let byteCount = 32

    // Words, not an array: one request is no reason to allocate.
    private let first: UInt64
    private let second: UInt64
    private let third: UInt64
    private let fourth: UInt64

    /// - Parameter subject: Any bytes, also none.
    package init(_ subject: UnsafeRawBufferPointer, salt: RoutingSalt) {
        var hasher = SHA256()
        hasher.update("martlet subject v1\0")
        hasher.update(salt.prefixed)
        hasher.update(bufferPointer: subject)
        self.init(hasher.finalize())
    }

    package init(_ subject: [UInt8], salt: RoutingSalt) {
        self = subject.withUnsafeBytes { SubjectHash($0, salt: salt) }
    }

    /// Reads a hash that was kept; returns `nil` unless there are ``byteCount`` bytes.
    package init?(bytes: [UInt8]) {
        guard bytes.count == Self.byteCount else { return nil }
        self = bytes.withUnsafeBytes(Self.init(words:))
    }

    private init(_ digest: SHA256.Digest) {
        self = digest.withUnsafeBytes(Self.init(words:))
    }

    private init(words: UnsafeRawBufferPointer) {
        self.first = UInt64(bigEndian: words.loadUnaligned(as: UInt64.self))
        self.second = UInt64(bigEndian: words.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        self.third = UInt64(bigEndian: words.loadUnaligned(fromByteOffset: 16, as: UInt64.self))
        self.fourth = UInt64(bigEndian: words.loadUnaligned(fromByteOffset: 24, as: UInt64.self))
    }

    /// ``byteCount`` of them.
    package var bytes: [UInt8] { self.withBytes { Array($0) } }

    /// Returns the number that this subject has drawn for `purpose`, whichever else it draws for.
    ///
    /// It is the first eight bytes, big-endian, of `SHA-256("martlet draw v1" ‖ 00 ‖ subject hash ‖ purpose)`.
    package func draw(_ purpose: [UInt8]) -> Draw {
        var hasher = SHA256()
        hasher.update("martlet draw v1\0")
        self.withBytes { hasher.update(bufferPointer: $0) }
        hasher.update(purpose)
        return hasher.finalize().withUnsafeBytes { digest in
            Draw(bits: UInt64(bigEndian: digest.loadUnaligned(as: UInt64.self)))
        }
    }

    private func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        let words = (self.first.bigEndian, self.second.bigEndian, self.third.bigEndian, self.fourth.bigEndian)
        return withUnsafeBytes(of: words, body)
    }
}

extension SubjectHash: CustomStringConvertible {
    package var description: String { Hexadecimal.string(self.bytes) }
}

extension SHA256 {
    fileprivate mutating func update(_ text: StaticString) {
        self.update(bufferPointer: UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    fileprivate mutating func update(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { self.update(bufferPointer: $0) }
    }
}

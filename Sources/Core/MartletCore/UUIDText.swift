/// The spelling of UUIDs (RFC 9562), for clients that expect identifiers of that form.
package enum UUIDText {
    /// Makes a UUID of random bits.
    package static func version4(of bits: (UInt64, UInt64)) -> String {
        self.text(of: (bits.0 & ~0xF000 | 0x4000, bits.1 & ~(0b11 << 62) | 0b10 << 62))
    }

    /// Spells a UUID, in lower case.
    package static func text(of bits: (UInt64, UInt64)) -> String {
        let (high, low) = (Hexadecimal.string(bits.0), Hexadecimal.string(bits.1))
        let ends = [high.prefix(8), high.dropFirst(8).prefix(4), high.suffix(4), low.prefix(4), low.dropFirst(4)]
        return ends.joined(separator: "-")
    }
}

extension Surroundings {
    /// Returns a random UUID in lower case.
    package func randomUUID() -> String { UUIDText.version4(of: self.randomBits()) }
}

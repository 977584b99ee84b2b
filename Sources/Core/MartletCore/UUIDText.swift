/// The spelling of UUIDs (RFC 9562), for clients that expect identifiers of that form.
package enum UUIDText {
    /// Makes a UUID of random bits.
    package static func version4(of bits: (UInt64, UInt64)) -> String {
        let high = Hexadecimal.string(bits.0 & ~0xF000 | 0x4000)
        let low = Hexadecimal.string(bits.1 & ~(0b11 << 62) | 0b10 << 62)
        let ends = [high.prefix(8), high.dropFirst(8).prefix(4), high.suffix(4), low.prefix(4), low.dropFirst(4)]
        return ends.joined(separator: "-")
    }
}

extension Surroundings {
    /// Returns a random UUID in lower case.
    package func randomUUID() -> String { UUIDText.version4(of: self.randomBits()) }
}

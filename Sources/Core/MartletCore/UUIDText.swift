/// The spelling of UUIDs (RFC 9562), for clients that expect identifiers of that form.
package enum UUIDText {
    /// Makes a UUID of random bits.
    package static func version4(of bits: (UInt64, UInt64)) -> String {
        self.text(of: (bits.0 & ~0xF000 | 0x4000, bits.1 & ~(0b11 << 62) | 0b10 << 62))
    }

    /// Spells a UUID, in lower case.
    package static func text(of bits: (UInt64, UInt64)) -> String {
        String(unsafeUninitializedCapacity: 36) { buffer in
            var end = 0
            for place in 0..<32 {
                if place == 8 || place == 12 || place == 16 || place == 20 {
                    buffer[end] = UInt8(ascii: "-")
                    end += 1
                }
                buffer[end] = Hexadecimal.digit(place % 16, of: place < 16 ? bits.0 : bits.1)
                end += 1
            }
            return end
        }
    }
}

extension Surroundings {
    /// Returns a random UUID in lower case.
    package func randomUUID() -> String { UUIDText.version4(of: self.randomBits()) }
}

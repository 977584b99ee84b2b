/// Lowercase hexadecimal text of binary values.
package enum Hexadecimal {
    private static let digits: StaticString = "0123456789abcdef"

    /// Returns the 16 digits of `word`, most significant first.
    package static func string(_ word: UInt64) -> String {
        String(unsafeUninitializedCapacity: 16) { buffer in
            for place in 0..<16 { buffer[place] = self.digit(place, of: word) }
            return 16
        }
    }

    /// Returns one of the 16 digits of `word`, the most significant at place 0.
    static func digit(_ place: Int, of word: UInt64) -> UInt8 {
        self.digit(UInt8(truncatingIfNeeded: word >> UInt64(60 - 4 * place)) & 15)
    }

    /// Returns two digits for each byte.
    package static func string(_ bytes: some Collection<UInt8>) -> String {
        String(unsafeUninitializedCapacity: 2 * bytes.count) { buffer in
            var index = 0
            for byte in bytes {
                buffer[index] = self.digit(byte >> 4)
                buffer[index + 1] = self.digit(byte & 15)
                index += 2
            }
            return index
        }
    }

    /// Returns the bytes that `text` spells, or `nil` if it is anything but pairs of lowercase digits.
    package static func bytes(_ text: String) -> [UInt8]? {
        guard text.utf8.count.isMultiple(of: 2) else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count / 2)
        var high: UInt8?
        for character in text.utf8 {
            guard let value = self.value(character) else { return nil }
            if let upper = high {
                bytes.append(upper << 4 | value)
                high = nil
            } else {
                high = value
            }
        }
        return bytes
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        self.digits.utf8Start[Int(value)]
    }

    private static func value(_ character: UInt8) -> UInt8? {
        switch character {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): character - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}

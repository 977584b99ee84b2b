/// Bytes as URLs spell them (RFC 3986, section 2.1).
package enum PercentEncoding {
    /// Returns the bytes that `text` spells, decoded once.
    ///
    /// A `%` that is not followed by two digits stands for itself: clients leave one in a name as it is.
    ///
    /// - Parameter plusIsSpace: As in the query of an HTML form, and in what Python's clients send.
    package static func decode(_ text: some Collection<UInt8>, plusIsSpace: Bool = false) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count)
        var rest = text[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"),
                let high = self.digit(rest.first), let low = self.digit(rest.dropFirst().first)
            {
                bytes.append(high << 4 | low)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(plusIsSpace && byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
            }
        }
        return bytes
    }

    /// Returns `text` with everything encoded but the characters that mean nothing special anywhere.
    package static func encode(_ text: String) -> String {
        var encoded = ""
        for byte in text.utf8 {
            if self.isUnreserved(byte) {
                encoded.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                encoded += "%" + Hexadecimal.string([byte]).uppercased()
            }
        }
        return encoded
    }

    private static func digit(_ character: UInt8?) -> UInt8? {
        guard let character else { return nil }
        return switch character {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): character - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): character - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    private static func isUnreserved(_ character: UInt8) -> Bool {
        switch character {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"):
            true
        default: "-._~".utf8.contains(character)
        }
    }
}

/// Query strings as HTML forms and Python's `requests` write them (`application/x-www-form-urlencoded`).
///
/// Hummingbird's own query parameters keep a `+` as it is; here it is a space.
package enum FormQuery {
    /// The items of a query in their order, decoded once.
    package static func items(_ query: String) -> [(name: String, value: String)] {
        query.utf8.split(separator: UInt8(ascii: "&")).map { item in
            let parts = item.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            return (name: self.decoded(parts[0]), value: parts.count > 1 ? self.decoded(parts[1]) : "")
        }
    }

    /// Decodes `%41` and `+`; a `%` that is not followed by two digits stays what it is.
    private static func decoded(_ text: Substring.UTF8View) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count)
        var rest = text
        while let character = rest.popFirst() {
            if character == UInt8(ascii: "%"), let value = UInt8(hexadecimal: rest.prefix(2)) {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(character == UInt8(ascii: "+") ? UInt8(ascii: " ") : character)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension UInt8 {
    /// Reads exactly two hexadecimal digits.
    fileprivate init?(hexadecimal digits: Substring.UTF8View) {
        guard digits.count == 2, digits.first != UInt8(ascii: "+"), digits.first != UInt8(ascii: "-") else { return nil }
        self.init(Substring(digits), radix: 16)
    }
}

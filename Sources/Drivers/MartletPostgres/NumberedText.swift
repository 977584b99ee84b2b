/// The text of a statement with `$1`, `$2` … where ours has a `?`.
enum NumberedText {
    static func numbering(_ text: String) -> String {
        var numbered: [UInt8] = []
        numbered.reserveCapacity(text.utf8.count + 16)
        var count = 0
        // The quote that a literal or a name began with; a doubled one ends it and begins the next.
        var quote: UInt8?
        for byte in text.utf8 {
            if let open = quote {
                if byte == open { quote = nil }
            } else if byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\"") {
                quote = byte
            } else if byte == UInt8(ascii: "?") {
                count += 1
                numbered.append(contentsOf: "$\(count)".utf8)
                continue
            }
            numbered.append(byte)
        }
        return String(decoding: numbered, as: UTF8.self)
    }
}

/// Removes from a text what URLs carry beyond the place that they name: who reads a manifest must not learn passwords.
package enum URLRedaction {
    /// Returns the text with each `user:password@` and each query of a URL in it left out.
    package static func redacted(_ text: String) -> String {
        let bytes = Array(text.utf8)
        var result: [UInt8] = []
        var rest = bytes[...]
        while let colon = Self.firstAuthority(in: rest) {
            let start = colon + 3
            let end = rest[start...].firstIndex(where: Self.endsURL) ?? rest.endIndex
            result += rest[..<start]
            result += Self.withoutSecrets(rest[start..<end])
            rest = rest[end...]
        }
        return result.isEmpty ? text : String(decoding: result + rest, as: UTF8.self)
    }

    private static func firstAuthority(in text: ArraySlice<UInt8>) -> Int? {
        var index = text.startIndex
        while index + 2 < text.endIndex {
            if text[index] == UInt8(ascii: ":"), text[index + 1] == UInt8(ascii: "/"),
                text[index + 2] == UInt8(ascii: "/")
            {
                return index
            }
            index += 1
        }
        return nil
    }

    private static func endsURL(_ character: UInt8) -> Bool {
        character <= 0x20 || character == UInt8(ascii: "\"") || character == UInt8(ascii: "'")
            || character == UInt8(ascii: "<") || character == UInt8(ascii: ">")
    }

    /// - Parameter url: What follows `scheme://`. Another URL may be in its path; no byte is looked at often.
    private static func withoutSecrets(_ url: ArraySlice<UInt8>) -> [UInt8] {
        let lastAt = url.lastIndex(of: UInt8(ascii: "@")) ?? -1
        var query = url.firstIndex(of: UInt8(ascii: "?")) ?? url.endIndex
        var result: [UInt8] = []
        var rest = url
        while true {
            rest = Self.withoutUser(rest, lastAt: lastAt)
            if query < rest.startIndex { query = rest.firstIndex(of: UInt8(ascii: "?")) ?? url.endIndex }
            guard let inner = Self.firstAuthority(in: rest[..<query]) else { break }
            result += rest[..<(inner + 3)]
            rest = rest[(inner + 3)...]
        }
        let fragment = rest[query...].firstIndex(of: UInt8(ascii: "#")) ?? url.endIndex
        return result + rest[..<query] + rest[fragment...]
    }

    private static func withoutUser(_ url: ArraySlice<UInt8>, lastAt: Int) -> ArraySlice<UInt8> {
        let hostEnd = url.firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "#") } ?? url.endIndex
        let authority = url[..<hostEnd]
        if let at = authority.lastIndex(of: UInt8(ascii: "@")) { return url[(at + 1)...] }
        // A password with a slash in it, which should have been encoded.
        if lastAt >= url.startIndex, !Self.hasPlainPort(authority) { return url[(lastAt + 1)...] }
        return url
    }

    private static func hasPlainPort(_ authority: ArraySlice<UInt8>) -> Bool {
        guard authority.last != UInt8(ascii: "]"), let colon = authority.lastIndex(of: UInt8(ascii: ":")) else {
            return true
        }
        return authority[(colon + 1)...].allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
    }
}

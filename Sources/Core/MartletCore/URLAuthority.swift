/// A host, and perhaps a port, as URLs write them (RFC 3986, section 3.2), without user information.
package struct URLAuthority: Sendable, Hashable {
    /// An address of version 6 without its brackets.
    package let host: String
    /// From 1 to 65535; `nil` where none is written.
    package let port: Int?

    /// Returns `nil` for what names no host, or another port: network libraries end the process over some of these.
    package init?(_ text: Substring) {
        let end = text.first == "[" ? text.firstIndex(of: "]").map(text.index(after:)) : nil
        let host = end.map { text[..<$0] } ?? text.prefix { $0 != ":" }
        // An address of version 6 stands in brackets, since it has colons itself.
        let name = end == nil ? host : host.dropFirst().dropLast()
        guard !name.isEmpty, name.first != "[" else { return nil }
        self.host = String(name)
        let rest = text[host.endIndex...]
        guard rest.first == ":", rest.count > 1 else {
            guard rest.isEmpty || rest == ":" else { return nil }
            self.port = nil
            return
        }
        // A number with a sign is one to Swift.
        guard let port = UInt16(rest.dropFirst()), port > 0, rest.dropFirst().first != "+" else { return nil }
        self.port = Int(port)
    }
}

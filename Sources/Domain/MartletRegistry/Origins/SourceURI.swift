import MartletCore

/// The parts of a source's URI, cut as RFC 3986 says and without decoding anything.
struct SourceURI: Equatable {
    /// In lowercase; empty for a path.
    let scheme: String
    let authority: String
    /// What stands before any query or fragment.
    let path: String

    init(_ text: String) {
        let (scheme, text) = Self.splitScheme(text)
        self.scheme = scheme
        // By code points: to Swift a slash and a combining mark after it are one character, to clients two.
        let rest = text.unicodeScalars
        if rest.starts(with: "//".unicodeScalars) {
            let rest = rest.dropFirst(2)
            let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
            self.authority = String(authority)
            self.path = String(rest[authority.endIndex...].prefix { $0 != "?" && $0 != "#" })
        } else {
            self.authority = ""
            self.path = String(rest.prefix { $0 != "?" && $0 != "#" })
        }
    }

    private static func splitScheme(_ text: String) -> (scheme: String, rest: Substring) {
        guard let colon = text.firstIndex(of: ":"), text.first?.isLetter == true else { return ("", text[...]) }
        let scheme = text[..<colon]
        guard scheme.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "+-.".contains($0)) }) else {
            return ("", text[...])
        }
        return (scheme.lowercased(), text[text.index(after: colon)...])
    }

    /// Whether this lies in `root` or below it, however either spells it.
    ///
    /// - Throws: `invalidArgument` when a path is encoded over and over.
    func isWithin(_ root: SourceURI) throws(MartletError) -> Bool {
        guard self.scheme == root.scheme, self.authority.lowercased() == root.authority.lowercased() else {
            return false
        }
        let rootParts = try root.pathParts()
        let parts = try self.pathParts()
        return !rootParts.isEmpty && parts.starts(with: rootParts)
    }

    private func pathParts() throws(MartletError) -> [String] {
        var parts: [String] = []
        for part in self.path.unicodeScalars.split(separator: "/") {
            parts.append(try Self.decoded(String(part)))
        }
        return parts
    }
}

extension SourceURI {
    /// Undoes percent-encoding until nothing is left to undo.
    ///
    /// - Throws: `invalidArgument` when that takes more rounds than anybody needs who means well.
    static func decoded(_ text: String) throws(MartletError) -> String {
        let roundsMax = 10
        var text = text
        for _ in 0..<roundsMax {
            guard text.utf8.contains(UInt8(ascii: "%")) else { return text }
            let next = String(decoding: PercentEncoding.decode(text.utf8), as: UTF8.self)
            if next == text { return text }
            text = next
        }
        throw .invalid("Invalid model version source: it is percent-encoded more than \(roundsMax) times.")
    }
}

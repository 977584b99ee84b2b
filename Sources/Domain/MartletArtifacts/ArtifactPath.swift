package import MartletCore

/// Where an artifact is, in its client's words: names with slashes between them.
///
/// It is a key in a table and never a path on a disk. What could be taken for a way out of a folder is
/// refused all the same, in any encoding, because clients make paths on their own disks of it.
package struct ArtifactPath: Sendable, Hashable {
    /// Names with one slash between them, none at either end.
    package let text: String

    /// More rounds of encoding than anybody needs who means well.
    private static let encodingsMax = 8

    /// - Parameter text: Already percent-decoded, once.
    package init(validating text: String) throws(MartletError) {
        var spelling = Array(text.utf8)
        for _ in 0..<Self.encodingsMax {
            guard Self.accepts(spelling) else { throw .invalidPath }
            let decoded = PercentEncoding.decode(spelling)
            if decoded == spelling {
                self.text = text.split(separator: "/").joined(separator: "/")
                return
            }
            spelling = decoded
        }
        throw .invalidPath
    }

    /// - Parameter text: Percent-encoded once, as in the path of a URL.
    package init(percentEncoded text: some StringProtocol) throws(MartletError) {
        guard let decoded = String(validating: PercentEncoding.decode(text.utf8), as: UTF8.self) else {
            throw .invalidPath
        }
        try self.init(validating: decoded)
    }

    /// Trusts the caller to pass what a valid path was stored as.
    init(stored text: String) {
        self.text = text
    }

    /// The last name.
    package var name: Substring {
        self.text.utf8.lastIndex(of: UInt8(ascii: "/")).map { self.text[$0...].dropFirst() } ?? self.text[...]
    }

    /// Returns the path that `rest`, itself a valid one, says from here.
    package func appending(_ rest: ArtifactPath) throws(MartletError) -> ArtifactPath {
        try ArtifactPath(validating: "\(self.text)/\(rest.text)")
    }

    /// The folders that this lies in, the innermost first.
    var folders: [ArtifactPath] {
        var folders: [ArtifactPath] = []
        var rest = self.text[...]
        while let slash = rest.utf8.lastIndex(of: UInt8(ascii: "/")) {
            rest = rest[..<slash]
            folders.append(ArtifactPath(stored: String(rest)))
        }
        return folders
    }

    private static func accepts(_ spelling: [UInt8]) -> Bool {
        guard (1...Limits.artifactPathBytes).contains(spelling.count), spelling[0] != UInt8(ascii: "/"),
            !self.beginsWithScheme(spelling),
            !spelling.contains(where: { $0 < 0x20 || $0 == 0x7F || $0 == UInt8(ascii: "\\") })
        else { return false }
        return spelling.split(separator: UInt8(ascii: "/"))
            .allSatisfy { !$0.elementsEqual(".".utf8) && !$0.elementsEqual("..".utf8) }
    }

    /// Whether this is `C:`, `C:/…` or `file:…`, which some client will take for a path on its disk.
    private static func beginsWithScheme(_ spelling: [UInt8]) -> Bool {
        guard let colon = spelling.firstIndex(of: UInt8(ascii: ":")) else { return false }
        let scheme = String(decoding: spelling[..<colon], as: UTF8.self)
        let next = spelling[colon...].dropFirst().first
        return scheme.lowercased() == "file" || scheme.utf8.count == 1 && (next == nil || next == UInt8(ascii: "/"))
    }
}

extension ArtifactPath: CustomStringConvertible {
    package var description: String { self.text }
}

extension MartletError {
    /// MLflow's words for every path that it refuses.
    fileprivate static var invalidPath: MartletError { .invalid("Invalid path") }
}

import MartletBackends
package import MartletCore

/// Where a version runs.
package enum Backend: Sendable, Hashable {
    /// Somebody else runs it, and it answers below this URL, which has neither query nor credentials.
    case url(String)
    /// The gateway's own server runs it, by the command in its settings.
    case supervised

    private static let bytesMax = 2_000

    /// Reads an `http` or `https` URL.
    package init(url text: String) throws(MartletError) {
        let lower = text.lowercased()
        guard ["http://", "https://"].contains(where: lower.hasPrefix) else {
            throw .invalid("The URL of a backend begins with http:// or https://, unlike '\(text)'.")
        }
        let isPlain = text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !Self.isForbidden($0) }
        guard isPlain, text.utf8.count <= Self.bytesMax else {
            throw .invalid("The URL of a backend is a host with a path, without query, fragment or credentials.")
        }
        guard BackendAddress(url: text) != nil else {
            throw .invalid("'\(text)' names no host, or no port from 1 to 65535.")
        }
        self = .url(text.hasSuffix("/") ? String(text.dropLast()) : text)
    }

    private static func isForbidden(_ character: UInt8) -> Bool {
        character == UInt8(ascii: "?") || character == UInt8(ascii: "#") || character == UInt8(ascii: "@")
    }

    /// As it is stored: the URL, or nothing.
    var stored: String? { if case .url(let url) = self { url } else { nil } }

    init(stored text: String?) {
        self = text.map(Backend.url) ?? .supervised
    }
}

package import MartletCore

/// Where a bucket is, and what of it is ours.
package struct S3Address: Sendable, Hashable {
    package let bucket: String
    /// Empty, or ends with a slash.
    package let prefix: String
    package let region: String
    /// `http://` or `https://`.
    private let scheme: String
    /// What the service is called and listens on, as in `127.0.0.1:9000`.
    private let authority: String
    /// Whether the bucket is a part of the path, not of the host's name.
    private let isPathStyle: Bool

    /// - Parameters:
    ///   - url: `s3://BUCKET` or `s3://BUCKET/PREFIX`.
    ///   - endpoint: `http://HOST:PORT` or `https://HOST`; `nil` for Amazon's own.
    ///   - isPathStyle: `nil` for what the endpoint most likely understands.
    /// - Throws: `invalidArgument`, and says which of them is wrong.
    package init(
        url: String,
        endpoint: String? = nil,
        region: String,
        isPathStyle: Bool? = nil
    ) throws(MartletError) {
        let parts = url.dropFirst(5).split(separator: "/", omittingEmptySubsequences: false)
        guard url.hasPrefix("s3://"), let bucket = parts.first, Self.isBucketName(bucket) else {
            throw .invalid("'\(url)' is no place in an object store; write --blobs s3://BUCKET/PREFIX")
        }
        self.bucket = String(bucket)
        self.prefix = parts.dropFirst().filter { !$0.isEmpty }.map { "\($0)/" }.joined()
        guard Self.isRegionName(region) else {
            throw .invalid("'\(region)' is no region; write --s3-region us-east-1, or what your store calls its own")
        }
        self.region = region
        (self.scheme, self.authority) = try Self.split(endpoint ?? "https://s3.\(region).amazonaws.com")
        // A certificate for *.s3.amazonaws.com does not cover names with more dots.
        self.isPathStyle = isPathStyle ?? (endpoint != nil || bucket.contains("."))
    }

    /// What ``init(url:endpoint:region:isPathStyle:)`` was told, for people.
    var place: String { "s3://\(self.bucket)/\(self.prefix)" }

    /// What requests call the server.
    package var host: String { self.isPathStyle ? self.authority : "\(self.bucket).\(self.authority)" }

    /// The beginning of every URL.
    package var origin: String { self.scheme + self.host }

    /// The path of a URL for an object, or for the bucket when `key` is empty.
    func path(of key: String) -> String {
        let key = key.split(separator: "/", omittingEmptySubsequences: false).map { PercentEncoding.encode(String($0)) }
        return (self.isPathStyle ? "/\(self.bucket)/" : "/") + key.joined(separator: "/")
    }

    private static func split(_ endpoint: String) throws(MartletError) -> (scheme: String, authority: String) {
        let scheme = ["http://", "https://"].first { endpoint.lowercased().hasPrefix($0) }
        guard let scheme else { throw .notAnEndpoint(endpoint) }
        var authority = endpoint.dropFirst(scheme.count)[...]
        while authority.last == "/" { authority.removeLast() }
        // The client leaves out a port that the scheme implies, and what is signed must be what is sent.
        let implied = scheme == "http://" ? ":80" : ":443"
        if authority.hasSuffix(implied) { authority.removeLast(implied.count) }
        let isPlain = authority.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !"/?#@\\".utf8.contains($0) }
        guard URLAuthority(authority) != nil, isPlain else { throw .notAnEndpoint(endpoint) }
        return (scheme, authority.lowercased())
    }

    private static func isBucketName(_ text: Substring) -> Bool {
        (1...255).contains(text.utf8.count) && text.utf8.allSatisfy(self.isNameCharacter)
    }

    private static func isRegionName(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy(self.isNameCharacter)
    }

    private static func isNameCharacter(_ character: UInt8) -> Bool {
        switch character {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "-._".utf8.contains(character)
        }
    }
}

extension MartletError {
    fileprivate static func notAnEndpoint(_ text: String) -> MartletError {
        .invalid("'\(text)' is no endpoint; write --s3-endpoint http://HOST:PORT or https://HOST")
    }
}

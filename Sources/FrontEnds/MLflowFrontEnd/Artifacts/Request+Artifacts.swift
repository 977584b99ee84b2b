import Hummingbird
import MartletArtifacts
import MartletCore
import MartletHTTP

extension Request {
    /// The body, as a file that is to be stored.
    func incomingFile(sizeMax: Int64?) -> IncomingFile<RequestBody> {
        IncomingFile(self.body, announcedSize: self.headers[.contentLength].flatMap { Int64($0) }, sizeMax: sizeMax)
    }

    /// The parameters of the query, decoded as Python's clients encode them: a `+` is a blank.
    var queryFields: MLflowFields {
        let items = (self.uri.query ?? "").split(separator: "&").map { item in
            let parts = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (name: Self.decoded(parts[0]), value: parts.count > 1 ? Self.decoded(parts[1]) : "")
        }
        return MLflowFields(.query(items))
    }

    private static func decoded(_ text: Substring) -> String {
        String(decoding: PercentEncoding.decode(text.utf8, plusIsSpace: true), as: UTF8.self)
    }
}

extension MartletRequestContext {
    /// The artifact that the end of the route's path names.
    func artifactPath() throws(MartletError) -> ArtifactPath {
        try ArtifactPath(percentEncoded: self.parameters.getCatchAll().joined(separator: "/"))
    }
}

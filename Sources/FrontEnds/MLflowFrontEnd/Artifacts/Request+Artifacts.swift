import Hummingbird
import MartletArtifacts
import MartletCore
import MartletHTTP

extension Request {
    /// The body, as a file that is to be stored.
    func incomingFile(sizeMax: Int64?) -> IncomingFile<RequestBody> {
        IncomingFile(self.body, announcedSize: self.headers[.contentLength].flatMap { Int64($0) }, sizeMax: sizeMax)
    }

    /// The parameters of the query.
    func queryFields() throws(MartletError) -> MLflowFields {
        MLflowFields(.query(try FormQuery.items(self.uri.query ?? "")))
    }

    /// The artifact that the end of the route's path names, all of it: the router would drop a doubled slash.
    func artifactPath(_ context: MartletRequestContext) throws(MartletError) -> ArtifactPath {
        let prefix = context.endpointPath?.dropLast("**".count) ?? ""
        let path = self.uri.path
        let rest =
            path.hasPrefix(prefix)
            ? path.dropFirst(prefix.count)
            : context.parameters.getCatchAll().joined(separator: "/")[...]
        return try ArtifactPath(percentEncoded: rest)
    }
}

import MartletArtifacts
import MartletCore

/// The folder that holds the artifacts of a run, a logged model or a version.
struct ArtifactFolder {
    private static let scheme = "mlflow-artifacts:"
    private static let proxyPath = "/mlflow-artifacts/artifacts/"

    /// What clients take for its address.
    let uri: String
    let path: ArtifactPath

    /// - Throws: `unsupported` when the URI does not lead to this server.
    init(uri: String) throws(MartletError) {
        guard let path = Self.path(of: uri) else {
            throw MartletError(.unsupported, "The artifacts are kept at '\(uri)', which this server does not serve.")
        }
        self.uri = uri
        self.path = try ArtifactPath(validating: String(path))
    }

    /// - Parameter rest: Below the folder; `nil` or empty for the folder itself.
    func path(of rest: String?) throws(MartletError) -> ArtifactPath {
        guard let rest, !rest.isEmpty else { return self.path }
        return try self.path.appending(try ArtifactPath(validating: rest))
    }

    /// `mlflow-artifacts:/PATH`, `mlflow-artifacts://HOST/PATH` and
    /// `https://HOST/api/2.0/mlflow-artifacts/artifacts/PATH` all mean `PATH`.
    private static func path(of uri: String) -> Substring? {
        if uri.hasPrefix("http:") || uri.hasPrefix("https:") {
            return uri.firstRange(of: self.proxyPath).map { uri[$0.upperBound...] }
        }
        guard uri.hasPrefix(self.scheme) else { return nil }
        let rest = uri.dropFirst(self.scheme.count)
        guard rest.hasPrefix("//") else { return rest.drop { $0 == "/" } }
        return rest.dropFirst(2).drop { $0 != "/" }.dropFirst()
    }
}

/// The digests by which files are known everywhere in Martlet.
public enum FileDigest {
    /// Reads a file of any size, and returns its SHA-256 in hexadecimal.
    public static func sha256(ofFileAt path: String) async throws(MartletClientError) -> String {
        try await translatingErrors { try await LocalFile.open(path).digest() }
    }
}

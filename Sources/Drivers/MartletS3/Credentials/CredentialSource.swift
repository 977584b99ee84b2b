package import MartletCore

/// A place where credentials may be found.
package protocol CredentialSource: Sendable {
    /// What a person calls it.
    var name: String { get }

    /// Returns `nil` when there are none here, and others may be asked.
    ///
    /// - Throws: `unavailable` when there must be some and they cannot be had.
    func find() async throws(MartletError) -> S3Credentials?
}

/// `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN`.
struct EnvironmentCredentials: CredentialSource {
    let name = "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
    let environment: [String: String]

    func find() async throws(MartletError) -> S3Credentials? {
        guard let accessKey = self.environment.text("AWS_ACCESS_KEY_ID") else { return nil }
        guard let secretKey = self.environment.text("AWS_SECRET_ACCESS_KEY") else {
            throw MartletError(.unavailable, "AWS_ACCESS_KEY_ID is set and AWS_SECRET_ACCESS_KEY is not")
        }
        let token = self.environment.text("AWS_SESSION_TOKEN")
        return S3Credentials(accessKey: accessKey, secretKey: secretKey, sessionToken: token)
    }
}

/// One source after the other, until one has credentials.
struct CredentialChain: CredentialSource {
    let sources: [any CredentialSource]

    var name: String { self.sources.map(\.name).joined(separator: ", ") }

    func find() async throws(MartletError) -> S3Credentials? {
        for source in self.sources {
            if let credentials = try await source.find() { return credentials }
        }
        return nil
    }
}

extension [String: String] {
    /// A variable that says something: an empty one means the same as none.
    func text(_ name: String) -> String? {
        self[name].flatMap { $0.isEmpty ? nil : $0 }
    }
}

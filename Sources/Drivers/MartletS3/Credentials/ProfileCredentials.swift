import FoundationEssentials
import MartletCore

/// A profile of `~/.aws/credentials` or `~/.aws/config`: the one that `AWS_PROFILE` names, or `default`.
struct ProfileCredentials: CredentialSource {
    let environment: [String: String]

    var name: String { "the profile '\(self.profileName)'" }

    private var profileName: String { self.environment.text("AWS_PROFILE") ?? "default" }
    private var home: String { self.environment.text("HOME") ?? "" }

    func find() async throws(MartletError) -> S3Credentials? {
        let profiles = self.profiles()
        guard !profiles.isEmpty || self.environment.text("AWS_PROFILE") == nil else {
            throw MartletError(
                .unavailable,
                "AWS_PROFILE names '\(self.profileName)', and no file in \(self.home)/.aws has that"
            )
        }
        for profile in profiles {
            guard let accessKey = profile["aws_access_key_id"], let secretKey = profile["aws_secret_access_key"]
            else { continue }
            let token = profile["aws_session_token"]
            return S3Credentials(accessKey: accessKey, secretKey: secretKey, sessionToken: token)
        }
        return nil
    }

    /// The region that the profile names.
    func region() -> String? {
        self.profiles().lazy.compactMap { $0.text("region") }.first
    }

    /// The profile in each of the files that have it. They are read again each time: that is how they are renewed.
    private func profiles() -> [[String: String]] {
        let paths = [
            self.environment.text("AWS_SHARED_CREDENTIALS_FILE") ?? "\(self.home)/.aws/credentials",
            self.environment.text("AWS_CONFIG_FILE") ?? "\(self.home)/.aws/config",
        ]
        return paths.compactMap { path in
            guard let bytes = FileManager.default.contents(atPath: path) else { return nil }
            return ProfileFile(String(decoding: bytes, as: UTF8.self)).profile(self.profileName)
        }
    }
}

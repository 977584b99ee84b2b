package import AsyncHTTPClient
import FoundationEssentials
package import MartletCore
import NIOSSL

/// Everything that can be said about an object store before it is opened.
package struct S3Settings: Sendable {
    /// `s3://BUCKET/PREFIX`.
    package var url: String
    /// `nil` for Amazon's own.
    package var endpoint: String?
    /// `nil` for what the environment or the profile says.
    package var region: String?
    /// `nil` for what the endpoint most likely understands.
    package var isPathStyle: Bool?
    /// Whether readers may be sent to the store with URLs that last for some minutes.
    package var lendsURLs = false
    /// Whether who uploads in parts may be sent to the store as well.
    package var takesDirectUploads = false
    /// The variables that AWS's own programs read.
    package var environment: [String: String]
    package var policy = RetryPolicy()
    /// Who starts a server wants to hear soon that it cannot work.
    package var startPatience = Duration.seconds(15)
    package var now: @Sendable () -> Timestamp

    package init(
        url: String,
        endpoint: String? = nil,
        region: String? = nil,
        isPathStyle: Bool? = nil,
        environment: [String: String],
        now: @escaping @Sendable () -> Timestamp
    ) {
        self.url = url
        self.endpoint = endpoint
        self.region = region
        self.isPathStyle = isPathStyle
        self.environment = environment
        self.now = now
    }

    /// The file of whose certificates to trust; `nil` for the system's.
    func authorityFile() throws(MartletError) -> String? {
        guard let path = self.environment.text("AWS_CA_BUNDLE") else { return nil }
        guard FileManager.default.isReadableFile(atPath: path) else {
            throw .invalid("AWS_CA_BUNDLE names '\(path)', which cannot be read")
        }
        // Otherwise every connection would say only that it broke off.
        guard let certificates = try? NIOSSLCertificate.fromPEMFile(path), !certificates.isEmpty else {
            throw .invalid("AWS_CA_BUNDLE names '\(path)', which holds no certificates in PEM format")
        }
        return path
    }

    package func address() throws(MartletError) -> S3Address {
        let region =
            self.region ?? self.environment.text("AWS_REGION") ?? self.environment.text("AWS_DEFAULT_REGION")
            ?? ProfileCredentials(environment: self.environment).region() ?? "us-east-1"
        return try S3Address(
            url: self.url,
            endpoint: self.endpoint ?? self.environment.text("AWS_ENDPOINT_URL_S3"),
            region: region,
            isPathStyle: self.isPathStyle
        )
    }

    package func credentials(_ http: HTTPClient) -> any CredentialSource {
        CredentialChain(sources: [
            EnvironmentCredentials(environment: self.environment),
            ProfileCredentials(environment: self.environment),
            ContainerCredentials(environment: self.environment, http: http),
            InstanceCredentials(environment: self.environment, http: http),
        ])
    }
}

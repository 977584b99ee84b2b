import FoundationEssentials
import MartletBlobs
import MartletCore
import MartletS3
import MartletTestSupport
import Testing

@Suite("An object store that cannot be used says which setting to change", .enabled(if: !S3TestServer.isRuledOut))
struct S3SettingsTests {
    @Test("a wrong secret", arguments: [S3TestServer.Product.seaweedfs, .juicefs])
    func wrongSecret(product: S3TestServer.Product) async throws {
        let server = try await S3TestServer.shared(product)
        let wrong = S3Credentials(accessKey: server.credentials.accessKey, secretKey: "wrong")
        try await Self.expect("AWS_SECRET_ACCESS_KEY", server.settings(as: wrong))
    }

    @Test("an unknown access key", arguments: [S3TestServer.Product.seaweedfs, .juicefs])
    func unknownKey(product: S3TestServer.Product) async throws {
        let server = try await S3TestServer.shared(product)
        let unknown = S3Credentials(accessKey: "AKNOBODY", secretKey: server.credentials.secretKey)
        try await Self.expect("AWS_ACCESS_KEY_ID", server.settings(as: unknown))
    }

    @Test("no credentials at all")
    func noCredentials() async throws {
        var settings = try await S3TestServer.shared(.seaweedfs).settings()
        settings.environment = ["AWS_EC2_METADATA_DISABLED": "true"]
        try await Self.expect("AWS_PROFILE", settings)
    }

    @Test("a bucket that does not exist", arguments: [S3TestServer.Product.seaweedfs, .juicefs])
    func missingBucket(product: S3TestServer.Product) async throws {
        var settings = try await S3TestServer.shared(product).settings()
        settings.url = "s3://nobody-made-this"
        try await Self.expect("--blobs", settings)
    }

    @Test("credentials that may not write")
    func reader() async throws {
        let server = try await S3TestServer.shared(.seaweedfs)
        try await Self.expect("put, delete and list", server.settings(as: server.reader))
    }

    @Test("credentials that may not delete")
    func keeper() async throws {
        let server = try await S3TestServer.shared(.seaweedfs)
        var settings = server.settings()
        settings.url = settings.url.replacing("/test-", with: "/\(server.unremovablePrefix)/test-")
        try await Self.expect("put, delete and list", settings)
    }

    @Test("a clock that is an hour off", arguments: [S3TestServer.Product.seaweedfs, .juicefs])
    func clockSkew(product: S3TestServer.Product) async throws {
        var settings = try await S3TestServer.shared(product).settings()
        let now = settings.now
        settings.now = { Timestamp(milliseconds: now().milliseconds - 3_600_000) }
        try await Self.expect("set the clock", settings)
    }

    @Test("a host that does not answer, one that is not known, and one that is no object store")
    func wrongEndpoint() async throws {
        let server = try await S3TestServer.shared(.seaweedfs)
        for endpoint in ["http://127.0.0.1:1", "http://no-such-host.invalid", server.filesOrigin] {
            var settings = server.settings(endpoint: endpoint)
            settings.policy.attemptsMax = 2
            try await Self.expect("--s3-endpoint", settings)
        }
    }

    @Test(
        "a file of certificates that cannot be read, or holds none",
        arguments: ["/nowhere/authority.pem", #filePath]
    )
    func missingAuthority(path: String) async throws {
        var settings = try await S3TestServer.shared(.seaweedfs).settings()
        settings.environment["AWS_CA_BUNDLE"] = path
        try await Self.expect("AWS_CA_BUNDLE", settings)
    }

    @Test("a certificate of an authority that nobody knows, at once")
    func untrustedCertificate() async throws {
        let server = try await S3TestServer.shared(.seaweedfsWithTLS)
        let duration = try await ContinuousClock().measure {
            try await Self.expect("AWS_CA_BUNDLE", server.settings())
        }
        // Without a single repetition, on a machine that is busy with other tests.
        #expect(duration < .seconds(60))
    }

    @Test("a certificate for another host, from an authority that is trusted")
    func certificateOfAnother() async throws {
        let server = try await S3TestServer.shared(.seaweedfsWithTLS)
        var settings = server.settings(endpoint: server.endpoint.replacing("localhost", with: "127.0.0.1"))
        settings.environment["AWS_CA_BUNDLE"] = server.authorityFile
        try await Self.expect("is for another host; check --s3-endpoint", settings)
    }

    @Test("TLS where there is none, and none where there is")
    func wrongScheme() async throws {
        let (plain, secure) = (
            try await S3TestServer.shared(.seaweedfs), try await S3TestServer.shared(.seaweedfsWithTLS)
        )
        try await Self.expect("begin with http:", plain.settings(endpoint: "https\(plain.endpoint.dropFirst(4))"))
        // It may also just hang up.
        try await Self.expect("check --s3-endpoint", secure.settings(endpoint: "http\(secure.endpoint.dropFirst(5))"))
    }

    @Test("a certificate of an authority that AWS_CA_BUNDLE names is trusted")
    func trustedCertificate() async throws {
        let server = try await S3TestServer.shared(.seaweedfsWithTLS)
        var settings = server.settings()
        settings.environment["AWS_CA_BUNDLE"] = server.authorityFile
        try await settings.withStore { store in
            let content = content(20_000_000)
            let blob = try await store.store(content)
            #expect(try await store.content(of: blob) == content)
        }
    }

    @Test("a region that is not the bucket's")
    func wrongRegion() async throws {
        let server = try await S3TestServer.shared(.seaweedfs)
        // As Amazon answers; none of the stores that can be run here has regions.
        let answer =
            "HTTP/1.1 301 Moved Permanently\r\nx-amz-bucket-region: eu-central-1\r\ncontent-length: 0\r\n"
            + "connection: close\r\n\r\n"
        try await FaultyProxy.with(server.endpoint, [.answer(answer)]) { _, endpoint in
            try await Self.expect("--s3-region eu-central-1", server.settings(endpoint: endpoint))
        }
    }

    private static func expect(_ setting: String, _ settings: S3Settings) async throws {
        let error = await #expect(throws: MartletError.self) { try await settings.withStore { _ in } }
        #expect(error?.message.contains(setting) == true, "\(error?.message ?? "")")
        // What must never be told.
        let secret = settings.environment["AWS_SECRET_ACCESS_KEY"] ?? ""
        #expect(secret.isEmpty || error?.message.contains(secret) == false)
    }
}

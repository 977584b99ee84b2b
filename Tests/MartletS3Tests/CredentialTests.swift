import AsyncHTTPClient
import FoundationEssentials
import HTTPTypes
import Hummingbird
import Logging
import MartletCore
import MartletS3
import MartletTestSupport
import NIOCore
import Synchronization
import Testing

@Suite("Credentials for an object store")
struct CredentialTests {
    @Test("the environment comes first, with the token of credentials that were lent")
    func environment() async throws {
        let found = try await Self.find([
            "AWS_ACCESS_KEY_ID": "A", "AWS_SECRET_ACCESS_KEY": "B", "AWS_SESSION_TOKEN": "C", "AWS_PROFILE": "none",
        ])
        #expect(found == S3Credentials(accessKey: "A", secretKey: "B", sessionToken: "C"))
    }

    @Test("half of the environment is an error that names the other half")
    func halfAnEnvironment() async throws {
        let error = await #expect(throws: MartletError.self) { _ = try await Self.find(["AWS_ACCESS_KEY_ID": "A"]) }
        #expect(error?.message.contains("AWS_SECRET_ACCESS_KEY") == true)
    }

    @Test("a profile is found in either file, with its region", arguments: ["default", "team"])
    func profiles(name: String) async throws {
        try await withTemporaryFolder { home in
            try Self.write(
                "[default]\naws_access_key_id = D\naws_secret_access_key=E\n# [team]\n[other]\naws_access_key_id = X\n",
                to: "\(home)/.aws/credentials"
            )
            try Self.write(
                "[default]\nregion = eu-west-1\ns3 =\n  max_concurrent_requests = 20\n"
                    + "[profile team]\nregion=eu-west-2\nAWS_ACCESS_KEY_ID=F\naws_secret_access_key = G=/+\n",
                to: "\(home)/.aws/config"
            )
            let environment = ["HOME": home, "AWS_PROFILE": name]
            let expected =
                name == "team"
                ? S3Credentials(accessKey: "F", secretKey: "G=/+") : S3Credentials(accessKey: "D", secretKey: "E")
            #expect(try await Self.find(environment) == expected)
            let region = try Self.settings(environment).address().region
            #expect(region == (name == "team" ? "eu-west-2" : "eu-west-1"))
        }
    }

    @Test("a profile that no file has is an error that names it")
    func missingProfile() async throws {
        let error = await #expect(throws: MartletError.self) {
            _ = try await Self.find(["HOME": "/nowhere", "AWS_PROFILE": "team"])
        }
        #expect(error?.message.contains("AWS_PROFILE names 'team'") == true)
    }

    @Test("a container's endpoint lends credentials to who has its token")
    func container() async throws {
        try await withTemporaryFolder { folder in
            try Self.write("the-token\n", to: "\(folder)/token")
            try await Lender.with { origin in
                let found = try await Self.find([
                    "AWS_CONTAINER_CREDENTIALS_FULL_URI": "\(origin)/container",
                    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": "\(folder)/token",
                ])
                #expect(found == Lender.credentials)
                let error = await #expect(throws: MartletError.self) {
                    _ = try await Self.find(["AWS_CONTAINER_CREDENTIALS_FULL_URI": "\(origin)/container"])
                }
                #expect(error?.message.contains("lends no credentials") == true)
            }
        }
    }

    @Test("an instance's metadata lends credentials, and only to who asks for a token first")
    func instance() async throws {
        try await Lender.with { origin in
            let found = try await Self.find(["AWS_EC2_METADATA_SERVICE_ENDPOINT": origin])
            #expect(found == Lender.credentials)
        }
    }

    @Test("credentials are fetched once for all who wait, and again before they expire")
    func renewal() async throws {
        let source = CountingSource()
        let clock = Mutex(Timestamp(milliseconds: 0))
        let cache = CredentialCache(source, now: { clock.withLock(\.self) })
        try await withThrowingTaskGroup { group in
            for _ in 1...20 {
                group.addTask { () async throws in #expect(try await cache.current().accessKey == "1") }
            }
            try await group.waitForAll()
        }
        clock.withLock { $0 = Timestamp(milliseconds: CountingSource.lifeMilliseconds - 301_000) }
        #expect(try await cache.current().accessKey == "1")
        clock.withLock { $0 = Timestamp(milliseconds: CountingSource.lifeMilliseconds - 299_000) }
        #expect(try await cache.current().accessKey == "2")
    }

    @Test("credentials that cannot be renewed are used for as long as they last")
    func failedRenewal() async throws {
        let source = CountingSource()
        let clock = Mutex(Timestamp(milliseconds: 0))
        let cache = CredentialCache(source, now: { clock.withLock(\.self) })
        #expect(try await cache.current().accessKey == "1")
        source.fails.withLock { $0 = true }
        clock.withLock { $0 = Timestamp(milliseconds: CountingSource.lifeMilliseconds - 1_000) }
        #expect(try await cache.current().accessKey == "1")
        clock.withLock { $0 = Timestamp(milliseconds: CountingSource.lifeMilliseconds + 1_000) }
        await #expect(throws: MartletError.self) { try await cache.current() }
    }

    private static func settings(_ environment: [String: String]) -> S3Settings {
        S3Settings(url: "s3://bucket", environment: environment, now: { Timestamp(milliseconds: 0) })
    }

    private static func find(_ environment: [String: String]) async throws -> S3Credentials? {
        let http = HTTPClient.forObjectStore(authorityFile: nil)
        do {
            let found = try await self.settings(environment).credentials(http).find()
            try await http.shutdown()
            return found
        } catch {
            try await http.shutdown()
            throw error
        }
    }

    private static func write(_ text: String, to path: String) throws {
        let file = URL(filePath: path)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
    }
}

/// Lends other credentials each time, which last for an hour from the beginning of time, and for another.
private final class CountingSource: CredentialSource {
    static let lifeMilliseconds: Int64 = 3_600_000

    let name = "the test"
    let fails = Mutex(false)
    private let count = Mutex<Int64>(0)

    func find() async throws(MartletError) -> S3Credentials? {
        if self.fails.withLock(\.self) { throw MartletError(.unavailable, "not now") }
        let number = self.count.withLock { count in
            count += 1
            return count
        }
        // Long enough for others to come.
        try? await Task.sleep(for: .milliseconds(50))
        let expiry = Timestamp(milliseconds: number * Self.lifeMilliseconds)
        return S3Credentials(accessKey: "\(number)", secretKey: "s", expiry: expiry)
    }
}

/// A server that answers as the endpoints of containers and instances do.
private enum Lender {
    static let credentials = S3Credentials(
        accessKey: "LENT",
        secretKey: "SECRET",
        sessionToken: "TOKEN",
        expiry: Timestamp(milliseconds: 1_893_456_000_000)
    )
    private static let answer =
        #"{"AccessKeyId":"LENT","SecretAccessKey":"SECRET","Token":"TOKEN","Expiration":"2030-01-01T00:00:00Z"}"#

    static func with(_ body: @Sendable (String) async throws -> Void) async throws {
        let (ports, port) = AsyncStream.makeStream(of: Int.self)
        let application = Application(
            router: self.router(),
            configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { port.yield($0.localAddress?.port ?? 0) },
            logger: Logger(label: "lender") { _ in SwiftLogNoOpLogHandler() }
        )
        try await withThrowingTaskGroup { group in
            group.addTask { try await application.run() }
            var iterator = ports.makeAsyncIterator()
            if let port = await iterator.next() { try await body("http://127.0.0.1:\(port)") }
            group.cancelAll()
        }
    }

    private static func router() -> Router<BasicRequestContext> {
        let router = Router()
        let token = HTTPField.Name("x-aws-ec2-metadata-token")
        router.get("container") { request, _ in
            guard request.headers[.authorization] == "the-token" else { throw HTTPError(.unauthorized) }
            return self.answer
        }
        router.put("latest/api/token") { _, _ in "instance-token" }
        for (path, answer) in [("", "a-role\n"), ("/a-role", self.answer)] {
            router.get("latest/meta-data/iam/security-credentials\(path)") { request, _ in
                guard let token, request.headers[token] == "instance-token" else { throw HTTPError(.unauthorized) }
                return answer
            }
        }
        return router
    }
}

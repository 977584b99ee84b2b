import AsyncHTTPClient
import FoundationEssentials
import MartletCore
import MartletJSON
import NIOCore
import NIOHTTP1

/// Credentials that a container's environment lends: `AWS_CONTAINER_CREDENTIALS_…_URI`.
struct ContainerCredentials: CredentialSource {
    private static let host = "http://169.254.170.2"

    let name = "the container's endpoint"
    let environment: [String: String]
    let http: HTTPClient

    func find() async throws(MartletError) -> S3Credentials? {
        let relative = self.environment.text("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI").map { Self.host + $0 }
        guard let url = relative ?? self.environment.text("AWS_CONTAINER_CREDENTIALS_FULL_URI") else { return nil }
        var request = HTTPClientRequest(url: url)
        if let token = try self.token() { request.headers.add(name: "authorization", value: token) }
        guard let bytes = await self.http.smallAnswer(to: request, within: .seconds(5)) else {
            throw MartletError(.unavailable, "the container's endpoint \(url) lends no credentials")
        }
        return try S3Credentials(lentAs: bytes, by: url)
    }

    private func token() throws(MartletError) -> String? {
        guard let path = self.environment.text("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE") else {
            return self.environment.text("AWS_CONTAINER_AUTHORIZATION_TOKEN")
        }
        guard let bytes = FileManager.default.contents(atPath: path) else {
            throw MartletError(.unavailable, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE cannot be read")
        }
        return String(String(decoding: bytes, as: UTF8.self).filter { !$0.isNewline })
    }
}

/// Credentials that a machine of Amazon's lends to its programs (IMDSv2).
struct InstanceCredentials: CredentialSource {
    private static let path = "/latest/meta-data/iam/security-credentials/"

    let name = "the instance's metadata"
    let environment: [String: String]
    let http: HTTPClient

    /// Who is named is waited for; on machines that are not Amazon's nobody answers.
    private var patience: TimeAmount { self.isNamed ? .seconds(30) : .seconds(1) }

    private var isNamed: Bool { self.environment.text("AWS_EC2_METADATA_SERVICE_ENDPOINT") != nil }

    private var origin: String {
        self.environment.text("AWS_EC2_METADATA_SERVICE_ENDPOINT") ?? "http://169.254.169.254"
    }

    func find() async throws(MartletError) -> S3Credentials? {
        guard self.environment.text("AWS_EC2_METADATA_DISABLED")?.lowercased() != "true" else { return nil }
        var asking = HTTPClientRequest(url: "\(self.origin)/latest/api/token")
        asking.method = .PUT
        asking.headers.add(name: "x-aws-ec2-metadata-token-ttl-seconds", value: "21600")
        guard let token = await self.http.smallAnswer(to: asking, within: self.patience) else { return nil }
        guard let role = await self.read(Self.path, token), let line = Self.text(role).split(separator: "\n").first,
            let bytes = await self.read(Self.path + line, token)
        else { return nil }
        return try S3Credentials(lentAs: bytes, by: "the instance's metadata")
    }

    private func read(_ path: String, _ token: ByteBuffer) async -> ByteBuffer? {
        var request = HTTPClientRequest(url: self.origin + path)
        request.headers.add(name: "x-aws-ec2-metadata-token", value: Self.text(token))
        return await self.http.smallAnswer(to: request, within: .seconds(5))
    }

    private static func text(_ bytes: ByteBuffer) -> String { String(buffer: bytes) }
}

extension S3Credentials {
    /// Reads what both kinds of lenders answer.
    fileprivate init(lentAs bytes: ByteBuffer, by lender: String) throws(MartletError) {
        let refusal = MartletError(.unavailable, "what \(lender) answers are no credentials")
        let document: JSONDocument
        do throws(JSONError) {
            document = try JSONDocument(parsing: Array(bytes.readableBytesView), depthMax: 8, valuesMax: 100)
        } catch {
            throw refusal
        }
        let root = document.root
        guard let accessKey = root["AccessKeyId"]?.string, let secretKey = root["SecretAccessKey"]?.string else {
            throw refusal
        }
        let expiry: Timestamp? = if let text = root["Expiration"]?.string { try Timestamp(text: text) } else { nil }
        self.init(accessKey: accessKey, secretKey: secretKey, sessionToken: root["Token"]?.string, expiry: expiry)
    }
}

extension HTTPClient {
    /// Returns the body of a success; `nil` for whatever else happens, since another source may have credentials.
    fileprivate func smallAnswer(to request: HTTPClientRequest, within limit: TimeAmount) async -> ByteBuffer? {
        do {
            let response = try await self.execute(request, deadline: .now() + limit)
            guard response.status == .ok else { return nil }
            return try await response.body.collect(upTo: 1 << 16)
        } catch {
            return nil
        }
    }
}

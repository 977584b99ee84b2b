import MartletCore
import MartletS3
import NIOCore
import Testing

/// What AWS publishes of its examples: "Authenticating Requests: Using the Authorization Header" and "… Using Query
/// Parameters" of the S3 API reference.
private let credentials = S3Credentials(
    accessKey: "AKIAIOSFODNN7EXAMPLE",
    secretKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
)

@Suite("Signatures")
struct SignatureTests {
    private static let examples: [(S3Request, String)] = [
        (
            S3Request(.get, "test.txt").saying("range", "bytes=0-9"),
            "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"
        ),
        (
            S3Request(.put, "test$file.text").saying("date", "Fri, 24 May 2013 00:00:00 GMT")
                .saying("x-amz-storage-class", "REDUCED_REDUNDANCY")
                .sending(.init(string: "Welcome to Amazon S3."), digestOfWelcome),
            "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"
        ),
        (
            S3Request(.get, "").asking("lifecycle"),
            "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"
        ),
        (
            S3Request(.get, "").asking("max-keys", "2").asking("prefix", "J"),
            "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"
        ),
    ]
    private static let digestOfWelcome = BlobDigest(
        bytes: Hexadecimal.bytes("44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072") ?? []
    )

    @Test("are those that AWS computes", arguments: 0..<Self.examples.count)
    func publishedExamples(index: Int) throws {
        let (request, signature) = Self.examples[index]
        let headers = try Self.signer().headers(of: request)
        let proof = try #require(headers.first { $0.name == "authorization" }).value
        #expect(proof.hasSuffix("Signature=\(signature)"))
        #expect(proof.contains("Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,"))
    }

    @Test("of URLs are those that AWS computes")
    func publishedURL() throws {
        let url = try Self.signer().presignedURL(of: S3Request(.get, "test.txt"), validSeconds: 86_400)
        #expect(url.hasPrefix("https://examplebucket.s3.amazonaws.com/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&"))
        #expect(
            url.hasSuffix("&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404")
        )
    }

    @Test("cover the token of credentials that were lent")
    func sessionToken() throws {
        let address = try S3Address(url: "s3://examplebucket", region: "us-east-1")
        let lent = S3Credentials(accessKey: "A", secretKey: "B", sessionToken: "lent/token")
        let signer = RequestSigner(credentials: lent, address: address, now: Self.moment)
        let headers = signer.headers(of: S3Request(.get, "a"))
        #expect(headers.contains(.init(name: "x-amz-security-token", value: "lent/token")))
        #expect(headers.contains { $0.value.contains("SignedHeaders=host;x-amz-content-sha256;x-amz-date;x-amz-sec") })
        let url = signer.presignedURL(of: S3Request(.get, "a"), validSeconds: 60)
        #expect(url.contains("X-Amz-Security-Token=lent%2Ftoken"))
    }

    private static let moment = Timestamp(milliseconds: 1_369_353_600_000)

    private static func signer() throws -> RequestSigner {
        let address = try S3Address(
            url: "s3://examplebucket",
            endpoint: "https://s3.amazonaws.com",
            region: "us-east-1",
            isPathStyle: false
        )
        return RequestSigner(credentials: credentials, address: address, now: self.moment)
    }
}

@Suite("Addresses of buckets")
struct S3AddressTests {
    @Test("a bucket of Amazon's is a part of the host's name, unless its own name has dots")
    func amazon() throws {
        let address = try S3Address(url: "s3://models/team/a/", region: "eu-west-1")
        #expect(address.origin == "https://models.s3.eu-west-1.amazonaws.com")
        #expect(address.prefix == "team/a/")
        let dotted = try S3Address(url: "s3://my.models", region: "eu-west-1")
        #expect(dotted.origin == "https://s3.eu-west-1.amazonaws.com")
        #expect(dotted.prefix == "")
    }

    @Test("a bucket of another service is a part of the path, unless somebody says otherwise")
    func endpoint() throws {
        let path = try S3Address(url: "s3://models", endpoint: "http://127.0.0.1:9000/", region: "us-east-1")
        #expect(path.origin == "http://127.0.0.1:9000")
        let host = try S3Address(
            url: "s3://models",
            endpoint: "https://Store.example:443",
            region: "us-east-1",
            isPathStyle: false
        )
        #expect(host.origin == "https://models.store.example")
    }

    @Test(
        "what is no place is refused, naming the setting",
        arguments: [
            ("/srv/blobs", nil, "us-east-1", "--blobs"), ("s3://", nil, "us-east-1", "--blobs"),
            ("s3://a b", nil, "us-east-1", "--blobs"), ("s3://a", "127.0.0.1:9000", "us-east-1", "--s3-endpoint"),
            ("s3://a", "http://", "us-east-1", "--s3-endpoint"),
            ("s3://a", "http://u@host", "us-east-1", "--s3-endpoint"),
            ("s3://a", "http://host/path", "us-east-1", "--s3-endpoint"), ("s3://a", nil, "", "--s3-region"),
            ("s3://a", nil, "eu west", "--s3-region"),
        ] as [(String, String?, String, String)]
    )
    func refusals(url: String, endpoint: String?, region: String, setting: String) {
        let error = #expect(throws: MartletError.self) {
            try S3Address(url: url, endpoint: endpoint, region: region)
        }
        #expect(error?.code == .invalidArgument)
        #expect(error?.message.contains(setting) == true)
    }
}

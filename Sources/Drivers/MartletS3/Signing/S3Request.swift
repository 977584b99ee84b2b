package import MartletCore
package import NIOCore

/// One request to a bucket, before it knows where the bucket is and who asks.
package struct S3Request: Sendable {
    package enum Method: String, Sendable {
        case get = "GET"
        case head = "HEAD"
        case put = "PUT"
        case post = "POST"
        case delete = "DELETE"
    }

    package struct Field: Sendable, Hashable {
        package let name: String
        package let value: String

        package init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    /// The SHA-256 of no bytes.
    static let emptySHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

    let method: Method
    /// Empty for the bucket itself.
    let key: String
    var query: [Field] = []
    /// In lowercase.
    var headers: [Field] = []
    var body = ByteBuffer()
    /// In hexadecimal digits.
    var bodySHA256 = Self.emptySHA256

    package init(_ method: Method, _ key: String) {
        self.method = method
        self.key = key
    }

    /// Adds a parameter of the query.
    package func asking(_ name: String, _ value: String = "") -> S3Request {
        var request = self
        request.query.append(Field(name: name, value: value))
        return request
    }

    /// Adds a header.
    package func saying(_ name: String, _ value: String) -> S3Request {
        var request = self
        request.headers.append(Field(name: name, value: value))
        return request
    }

    /// Adds a body.
    package func sending(_ body: ByteBuffer, _ digest: BlobDigest) -> S3Request {
        var request = self
        request.body = body
        request.bodySHA256 = digest.description
        return request
    }
}

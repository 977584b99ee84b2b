package import MartletCore

/// Signs requests to one bucket: Signature Version 4, as the AWS General Reference describes it.
package struct RequestSigner {
    private static let unsignedPayload = "UNSIGNED-PAYLOAD"

    let credentials: S3Credentials
    let address: S3Address
    let now: Timestamp

    private var scope: SigningScope { SigningScope(region: self.address.region, now: self.now) }

    package init(credentials: S3Credentials, address: S3Address, now: Timestamp) {
        self.credentials = credentials
        self.address = address
        self.now = now
    }

    /// Returns all headers of a request that proves who sends it.
    package func headers(of request: S3Request) -> [S3Request.Field] {
        let scope = self.scope
        var headers = request.headers
        headers.append(.init(name: "host", value: self.address.host))
        headers.append(.init(name: "x-amz-content-sha256", value: request.bodySHA256))
        headers.append(.init(name: "x-amz-date", value: scope.moment))
        if let token = self.credentials.sessionToken {
            headers.append(.init(name: "x-amz-security-token", value: token))
        }
        let canonical = CanonicalRequest(
            method: request.method,
            path: self.address.path(of: request.key),
            query: request.query,
            headers: headers,
            payload: request.bodySHA256
        )
        let signature = scope.signature(of: canonical.text, with: self.credentials.secretKey)
        let proof =
            "\(scope.algorithm) Credential=\(self.credentials.accessKey)/\(scope.text),"
            + "SignedHeaders=\(canonical.signedHeaders),Signature=\(signature)"
        return headers + [.init(name: "authorization", value: proof)]
    }

    /// Returns a URL with which anybody may send a request for a while; it must have no body, or any.
    ///
    /// The request's headers must be sent along as they are, and no other that proves who sends them.
    package func presignedURL(of request: S3Request, validSeconds: Int) -> String {
        let scope = self.scope
        let headers = request.headers + [.init(name: "host", value: self.address.host)]
        var query = request.query
        query.append(.init(name: "X-Amz-Algorithm", value: scope.algorithm))
        query.append(.init(name: "X-Amz-Credential", value: "\(self.credentials.accessKey)/\(scope.text)"))
        query.append(.init(name: "X-Amz-Date", value: scope.moment))
        query.append(.init(name: "X-Amz-Expires", value: String(validSeconds)))
        if let token = self.credentials.sessionToken {
            query.append(.init(name: "X-Amz-Security-Token", value: token))
        }
        query.append(.init(name: "X-Amz-SignedHeaders", value: CanonicalRequest.names(of: headers)))
        let canonical = CanonicalRequest(
            method: request.method,
            path: self.address.path(of: request.key),
            query: query,
            headers: headers,
            payload: Self.unsignedPayload
        )
        let signature = scope.signature(of: canonical.text, with: self.credentials.secretKey)
        return "\(self.address.origin)\(canonical.target)&X-Amz-Signature=\(signature)"
    }
}

/// A request in the one spelling that both sides compute a signature from.
struct CanonicalRequest {
    let method: S3Request.Method
    /// Percent-encoded.
    let path: String
    /// Percent-encoded and sorted.
    let query: String
    let headers: [S3Request.Field]
    let payload: String

    init(
        method: S3Request.Method,
        path: String,
        query: [S3Request.Field],
        headers: [S3Request.Field],
        payload: String
    ) {
        self.method = method
        self.path = path
        self.query = Self.spell(query)
        self.headers = headers.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        self.payload = payload
    }

    /// What stands behind the host in a URL.
    var target: String { self.query.isEmpty ? self.path : "\(self.path)?\(self.query)" }

    var signedHeaders: String { self.headers.map(\.name).joined(separator: ";") }

    var text: String {
        let headers = self.headers.map { "\($0.name):\($0.value)\n" }.joined()
        return [self.method.rawValue, self.path, self.query, headers, self.signedHeaders, self.payload]
            .joined(separator: "\n")
    }

    /// The names of headers as a signature lists them.
    static func names(of headers: [S3Request.Field]) -> String {
        headers.map(\.name).sorted().joined(separator: ";")
    }

    /// Sorted by the encoded names, and by the encoded values of equal names.
    static func spell(_ query: [S3Request.Field]) -> String {
        query.map { (PercentEncoding.encode($0.name), PercentEncoding.encode($0.value)) }
            .sorted { $0 == $1 ? false : $0 < $1 }
            .map { "\($0.0)=\($0.1)" }
            .joined(separator: "&")
    }
}

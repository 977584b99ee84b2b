package import MartletCore

/// Who signs requests to an object store.
package struct S3Credentials: Sendable, Hashable {
    package let accessKey: String
    package let secretKey: String
    /// Comes with credentials that were lent for a while.
    package let sessionToken: String?
    /// When they are no longer accepted; `nil` for ones that last.
    package let expiry: Timestamp?

    package init(accessKey: String, secretKey: String, sessionToken: String? = nil, expiry: Timestamp? = nil) {
        self.accessKey = accessKey
        self.secretKey = secretKey
        self.sessionToken = sessionToken
        self.expiry = expiry
    }
}

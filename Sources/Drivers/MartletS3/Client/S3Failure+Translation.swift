import AsyncHTTPClient
import Glibc
import MartletCore
import NIOCore
import NIOPosix
import NIOSSL

extension S3Failure {
    /// The one place that knows an object store's error codes. Messages name the setting to change, never a secret.
    func translated(for address: S3Address) -> MartletError {
        switch self.reason {
        case .cancelled: MartletError(.unavailable, "the request to the object store was cancelled")
        case .unintelligible(let what):
            MartletError(.unavailable, "the answer of \(address.origin) is not S3's: \(what); check --s3-endpoint")
        case .unreachable(let error): Self.unreachable(address, error)
        case .refused(let refusal): refusal.translated(for: address)
        }
    }

    private static func unreachable(_ address: S3Address, _ error: any Error) -> MartletError {
        if Self.isHandshakeError(error) {
            return MartletError(.unavailable, Self.explanation(ofHandshakeWith: address, error), cause: error)
        }
        return MartletError(
            .unavailable,
            "no answer from the object store at \(address.origin) (\(Self.text(of: error))); check --s3-endpoint",
            cause: error
        )
    }

    private static func explanation(ofHandshakeWith address: S3Address, _ error: any Error) -> String {
        if error is NIOSSLExtraError {
            return "the certificate of \(address.origin) is for another host; check --s3-endpoint"
        }
        // There is no case for it, only BoringSSL's words.
        guard String(describing: error).contains("CERTIFICATE_VERIFY_FAILED") else {
            return "\(address.origin) does not speak TLS; check --s3-endpoint, which may have to begin with http://"
        }
        return "the certificate of \(address.origin) is not trusted; name the file of its authority in AWS_CA_BUNDLE, "
            + "or check --s3-endpoint"
    }

    private static func text(of error: any Error) -> String {
        switch error {
        case let error as NIOConnectionError:
            guard let first = error.connectionErrors.first else { return "the name '\(error.host)' is not known" }
            return self.text(of: first.error)
        case let error as IOError: return String(cString: strerror(error.errnoCode))
        case let error as HTTPClientError: return error.shortDescription
        default: return "the connection broke off"
        }
    }
}

extension S3Refusal {
    func translated(for address: S3Address) -> MartletError {
        MartletError(self.martletCode, self.explanation(address), cause: Cause(refusal: self))
    }

    private var martletCode: MartletError.Code {
        switch self.code {
        case "QuotaExceeded", "XMinioStorageFull", "StorageFull": .storageFull
        case "EntityTooSmall", "InvalidPart", "InvalidPartOrder": .invalidArgument
        default: self.status == 507 ? .storageFull : .unavailable
        }
    }

    private func explanation(_ address: S3Address) -> String {
        if self.martletCode == .storageFull { return "the object store is full; nothing was stored" }
        if let region { return "the bucket '\(address.bucket)' is in another region; set --s3-region \(region)" }
        switch self.code {
        case "InvalidAccessKeyId", "InvalidClientTokenId":
            return "the object store does not know the access key; check AWS_ACCESS_KEY_ID or the profile"
        case "SignatureDoesNotMatch":
            return "the object store does not accept the signature; check AWS_SECRET_ACCESS_KEY or the profile"
        case "ExpiredToken", "InvalidToken", "TokenRefreshRequired":
            return "the object store's credentials have expired; renew AWS_SESSION_TOKEN or the profile"
        case "RequestTimeTooSkewed":
            let date = self.date.map { " (its own says \($0))" } ?? ""
            return "this machine's clock and the object store's\(date) are too far apart; set the clock"
        case "EntityTooSmall":
            return
                "the object store wants each part of an upload but the last to have 5 MiB at least; with MLflow, set "
                + "MLFLOW_MULTIPART_UPLOAD_CHUNK_SIZE"
        case "InvalidPart", "InvalidPartOrder":
            return "the list of parts is not that of the parts that have arrived in the object store"
        case "NoSuchUpload": return "the object store has given an upload up that was under way; begin again"
        case "NoSuchBucket":
            return "there is no bucket '\(address.bucket)'; create it, or check --blobs"
        case "AuthorizationHeaderMalformed", "PermanentRedirect", "IllegalLocationConstraintException":
            return "the bucket '\(address.bucket)' is in another region or place; check --s3-region and --s3-endpoint"
        case "NotImplemented", "MethodNotAllowed":
            return "\(address.origin) does not serve what Martlet needs of S3; check --s3-endpoint"
        default: return self.explanationByStatus(address)
        }
    }

    private func explanationByStatus(_ address: S3Address) -> String {
        switch self.status {
        case 403, 401:
            "the object store permits too little: the credentials need to get, put, delete and list objects of the "
                + "bucket '\(address.bucket)'"
        case 404: "there is no bucket '\(address.bucket)'; create it, or check --blobs"
        case 301, 307: "the bucket '\(address.bucket)' is in another place; check --s3-region and --s3-endpoint"
        case 429, 503: "the object store is busy; try again later"
        case 400 where self.code.isEmpty:
            "\(address.origin) refuses what S3 understands; check --s3-endpoint, which may have to begin with https://"
        default: "the object store refuses a request (\(self.status) \(self.code))"
        }
    }

    /// What the store said, for the log.
    private struct Cause: Error, CustomStringConvertible {
        let refusal: S3Refusal
        var description: String { "\(self.refusal.status) \(self.refusal.code): \(self.refusal.message)" }
    }
}

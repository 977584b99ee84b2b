import AsyncHTTPClient
import MartletCore
import NIOCore
import NIOHTTP1

/// What an object store answered, with a body that was read already.
struct S3Answer {
    let status: Int
    let headers: HTTPHeaders
    let body: ByteBuffer

    /// The first header of a name.
    func header(_ name: String) -> String? { self.headers.first(name: name) }

    /// The body as XML.
    func xml(_ name: String) throws(S3Failure) -> XMLElement {
        guard let element = XMLElement(parsing: Array(self.body.readableBytesView)), element.name == name else {
            throw S3Failure(.unintelligible("no \(name) where one belongs"))
        }
        return element
    }
}

/// What an object store is answering: a body that is still to be read.
struct S3Stream: Sendable {
    let status: Int
    let headers: HTTPHeaders
    let body: HTTPClientResponse.Body

    /// The first header of a name.
    func header(_ name: String) -> String? { self.headers.first(name: name) }
}

extension S3Refusal {
    /// Reads what a refusal says of itself.
    init(_ answer: S3Answer) {
        let error = XMLElement(parsing: Array(answer.body.readableBytesView)).flatMap { $0.name == "Error" ? $0 : nil }
        self.status = answer.status
        self.code = error?.text(of: "Code") ?? ""
        self.message = error?.text(of: "Message") ?? ""
        self.date = answer.header("date")
        // Some stores name the region with every refusal; only where it is what is wrong does it help.
        if [301, 307].contains(self.status) || self.code == "AuthorizationHeaderMalformed" {
            self.region = answer.header("x-amz-bucket-region") ?? error?.text(of: "Region")
        }
    }
}

import Crypto
import MartletCore

/// For which day, region and service a signature holds, and the moment at which it is made.
struct SigningScope {
    private static let algorithm = "AWS4-HMAC-SHA256"

    let region: String
    let moment: String

    /// - Parameter now: Written as in `20130524T000000Z`.
    init(region: String, now: Timestamp) {
        self.region = region
        let text = now.text.utf8.filter { $0 != UInt8(ascii: "-") && $0 != UInt8(ascii: ":") }
        self.moment = String(decoding: text.prefix(15), as: UTF8.self) + "Z"
    }

    var algorithm: String { Self.algorithm }
    var text: String { "\(self.day)/\(self.region)/s3/aws4_request" }
    private var day: Substring { self.moment.prefix(8) }

    /// Signs a request that was brought into its canonical form.
    func signature(of canonicalRequest: String, with secretKey: String) -> String {
        let digest = Hexadecimal.string(Array(SHA256.hash(data: Array(canonicalRequest.utf8))))
        let text = [Self.algorithm, self.moment, self.text, digest].joined(separator: "\n")
        var key = Array("AWS4\(secretKey)".utf8)
        for word in [String(self.day), self.region, "s3", "aws4_request", text] {
            key = Array(HMAC<SHA256>.authenticationCode(for: Array(word.utf8), using: SymmetricKey(data: key)))
        }
        return Hexadecimal.string(key)
    }
}

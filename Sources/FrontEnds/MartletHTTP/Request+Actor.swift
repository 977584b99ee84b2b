package import HTTPTypes
package import Hummingbird
package import MartletCore

extension Request {
    /// Who asks, as they say themselves: in `Martlet-Actor`, or as the user of HTTP's basic authentication (RFC 7617),
    /// whose password nobody checks yet.
    ///
    /// - Throws: `invalidArgument` for a name that cannot be one.
    package func actor() throws(MartletError) -> ActorName {
        if let name = self.headers[.martletActor] { return try ActorName(validating: name) }
        guard let credentials = self.headers[.authorization], credentials.lowercased().hasPrefix("basic "),
            let bytes = Base64.bytes(credentials.dropFirst("basic ".count).drop { $0 == " " }),
            let text = String(validating: bytes, as: UTF8.self), let colon = text.firstIndex(of: ":"),
            colon > text.startIndex
        else { return .anonymous }
        return try ActorName(validating: String(text[..<colon]))
    }
}

extension HTTPField.Name {
    /// Says who acts.
    package static let martletActor: HTTPField.Name = {
        guard let name = HTTPField.Name("Martlet-Actor") else { preconditionFailure("this is the name of a header") }
        return name
    }()
}

package import HTTPTypes
package import Hummingbird
package import MartletCore

extension Request {
    /// Who asks, as they say themselves: in `Martlet-Actor`, or as the user of HTTP's basic authentication (RFC 7617),
    /// whose password nobody checks yet.
    ///
    /// - Throws: `invalidArgument` for a name that cannot be one.
    package func actor() throws(MartletError) -> ActorName {
        let names = self.headers[values: .martletActor]
        // A proxy that adds a header to the client's own would let the client choose the beginning of its name.
        guard names.count <= 1 else { throw .invalid("There is more than one Martlet-Actor.") }
        if let name = names.first { return try ActorName(validating: name) }
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

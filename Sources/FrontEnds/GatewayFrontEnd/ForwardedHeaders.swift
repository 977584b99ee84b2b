import HTTPTypes
import NIOHTTP1

/// The fields of a message that is passed on: all but those that are about one connection only.
enum ForwardedHeaders {
    /// RFC 9110, section 7.6.1, and what a proxy decides anew.
    private static let hopByHop: Set<String> = [
        "connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade",
        "proxy-authenticate", "proxy-authorization", "host", "content-length", "expect",
    ]

    /// Whether a field of that name, in lowercase, belongs to the connection that it came on.
    private static func isOfConnection(_ name: String, _ named: Set<String>) -> Bool {
        self.hopByHop.contains(name) || named.contains(name)
    }

    static func request(_ fields: HTTPFields) -> HTTPHeaders {
        let named = self.named(in: fields[.connection])
        var headers = HTTPHeaders()
        for field in fields where !self.isOfConnection(field.name.canonicalName, named) {
            headers.add(name: field.name.rawName, value: field.value)
        }
        return headers
    }

    static func answer(_ headers: HTTPHeaders) -> HTTPFields {
        let named = self.named(in: headers.first(name: "connection"))
        var fields = HTTPFields()
        fields.reserveCapacity(headers.count + 3)
        for (name, value) in headers {
            guard let name = HTTPField.Name(name), !self.isOfConnection(name.canonicalName, named) else { continue }
            fields.append(HTTPField(name: name, value: value))
        }
        return fields
    }

    /// What `Connection` says is about the connection.
    private static func named(in connection: String?) -> Set<String> {
        guard let connection else { return [] }
        return Set(connection.lowercased().split { $0 == "," || $0 == " " }.map(String.init))
    }
}

extension HTTPField.Name {
    static let decision = HTTPField.Name("Martlet-Decision") ?? .via
    static let version = HTTPField.Name("Martlet-Version") ?? .via
    static let arm = HTTPField.Name("Martlet-Arm") ?? .via
}

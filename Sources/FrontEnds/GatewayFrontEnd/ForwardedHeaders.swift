import HTTPTypes
import NIOHTTP1

/// The fields of a message that is passed on: all but those that are about one connection only.
enum ForwardedHeaders {
    static func request(_ fields: HTTPFields, _ decision: String) -> HTTPHeaders {
        let named = self.named(in: fields[values: .connection])
        var headers = HTTPHeaders()
        headers.reserveCapacity(fields.count + 3)
        for field in fields {
            let name = field.name.canonicalName
            guard !self.isOfConnection(name), !named.contains(name), name != self.decision else { continue }
            headers.add(name: field.name.rawName, value: field.value)
        }
        headers.add(name: HTTPField.Name.decision.rawName, value: decision)
        return headers
    }

    static func answer(_ headers: HTTPHeaders) -> HTTPFields {
        let named = self.named(in: headers["connection"])
        var fields = HTTPFields()
        fields.reserveCapacity(headers.count + 4)
        for (name, value) in headers {
            guard let name = HTTPField.Name(name), !self.isOfConnection(name.canonicalName),
                !named.contains(name.canonicalName)
            else { continue }
            fields.append(HTTPField(name: name, value: value))
        }
        return fields
    }

    private static let decision = HTTPField.Name.decision.canonicalName

    /// Whether a field of that name, in lowercase, belongs to the connection that it came on (RFC 9110, section 7.6.1),
    /// or is decided anew by a proxy.
    ///
    /// By the first letter, since hardly any does.
    private static func isOfConnection(_ name: String) -> Bool {
        switch name.utf8.first {
        case UInt8(ascii: "c"): name == "connection" || name == "content-length"
        case UInt8(ascii: "e"): name == "expect"
        case UInt8(ascii: "h"): name == "host"
        case UInt8(ascii: "k"): name == "keep-alive"
        case UInt8(ascii: "p"):
            name == "proxy-connection" || name == "proxy-authenticate" || name == "proxy-authorization"
        case UInt8(ascii: "t"): name == "te" || name == "trailer" || name == "transfer-encoding"
        case UInt8(ascii: "u"): name == "upgrade"
        default: false
        }
    }

    /// What `Connection` says is about the connection.
    private static func named(in connection: [String]) -> Set<String> {
        if connection.isEmpty { return [] }
        return Set(connection.flatMap { $0.lowercased().split { $0 == "," || $0 == " " }.map(String.init) })
    }
}

extension HTTPField.Name {
    static let decision = HTTPField.Name("Martlet-Decision") ?? .via
    static let version = HTTPField.Name("Martlet-Version") ?? .via
    static let arm = HTTPField.Name("Martlet-Arm") ?? .via
}

import MartletCore
import NIOCore

/// One request, before it knows its server.
struct ServerCall {
    var method: Method
    /// The path below the API's root, each part as it is read by people.
    var path: [String]
    var query: [(name: String, value: String)] = []
    var headers: [(name: String, value: String)] = []
    var body: Body?

    enum Method: String {
        case get, head, post, put, patch, delete
    }

    enum Body {
        case json(ByteBuffer)
        case file(FileChunks)
    }

    init(_ method: Method, _ path: [String]) {
        self.method = method
        self.path = path
    }

    /// Whether it matters that it is done once: what a file's bytes are can be said again.
    var isChange: Bool {
        switch (self.method, self.body) {
        case (.get, _), (.head, _), (_, .file): false
        case (.post, _), (.put, _), (.patch, _), (.delete, _): true
        }
    }

    /// Adds a parameter; none where there is no value.
    func asking(_ name: String, _ value: String?) -> ServerCall {
        guard let value else { return self }
        var call = self
        call.query.append((name, value))
        return call
    }

    /// Adds a header; none where there is no value.
    func saying(_ name: String, _ value: String?) -> ServerCall {
        guard let value else { return self }
        var call = self
        call.headers.append((name, value))
        return call
    }

    /// Makes the call fail when another revision is in force; none where any will do.
    func expecting(revision: Int64?) -> ServerCall {
        self.saying("If-Match", revision.map { "\"\($0)\"" })
    }

    /// The path and the parameters, as a URL spells them.
    var target: String {
        let path = self.path.map { "/" + PercentEncoding.encode($0) }.joined()
        let query = self.query.map { "\(PercentEncoding.encode($0.name))=\(PercentEncoding.encode($0.value))" }
        return query.isEmpty ? path : "\(path)?\(query.joined(separator: "&"))"
    }
}

extension ServerCall {
    /// A call below `/models/{model}`.
    static func model(_ method: Method, _ name: String, _ path: String...) -> ServerCall {
        ServerCall(method, ["models", name] + path)
    }

    /// A call below `/models/{model}/versions/{version}`.
    static func version(_ method: Method, _ reference: VersionReference, _ path: String...) -> ServerCall {
        ServerCall(method, ["models", reference.model, "versions", reference.version] + path)
    }
}

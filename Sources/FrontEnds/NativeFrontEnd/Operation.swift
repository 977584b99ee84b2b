import HTTPTypes
import Hummingbird
import MartletCore
import MartletHTTP

/// One thing that the API can do: how it is asked for, what it answers, and who does it.
///
/// The routes and the OpenAPI document are both made of these, so that neither can say what the other does not.
struct Operation: Sendable {
    typealias Handler = @Sendable (NativeRequest) async throws(MartletError) -> Response

    /// A parameter of the query.
    struct Parameter: Sendable {
        let name: String
        let schema: Schema
        let summary: String
        let isRequired: Bool

        /// A text.
        init(_ name: String, _ summary: String, isRequired: Bool = false) {
            self.init(name, .string, summary, isRequired: isRequired)
        }

        init(_ name: String, _ schema: Schema, _ summary: String, isRequired: Bool = false) {
            self.name = name
            self.schema = schema
            self.summary = summary
            self.isRequired = isRequired
        }
    }

    /// What a body or an answer is.
    enum Content: Sendable {
        case none
        case json(Schema)
        case text
        /// One JSON value a line.
        case lines
        case bytes
    }

    let method: HTTPRequest.Method
    /// Below the API's root, with parts to be filled in as in `/models/{model}`.
    let path: String
    /// Unique, for generated clients.
    let name: String
    let summary: String
    let permission: Permission
    var query: [Parameter] = []
    /// Whether it looks at `If-Match`.
    var isConditional = false
    var body: Content = .none
    var isBodyRequired = true
    var status: HTTPResponse.Status = .ok
    var answer: Content = .none
    let run: Handler
}

extension Operation.Parameter {
    /// Why something is changed, where no body says it.
    static let reason = Operation.Parameter("reason", "Why")
    static let limit = Operation.Parameter("limit", .integer, "How many at once; 100 where absent")
}

extension [Operation.Parameter] {
    /// What a list takes that is answered in pages.
    static let paging = [.limit, Operation.Parameter("pageToken", "What the page before said")]
}

extension Operation {
    /// An operation that only looks.
    static func get(
        _ path: String,
        _ name: String,
        _ summary: String,
        needs permission: Permission = .readRegistry,
        query: [Parameter] = [],
        answer: Content,
        run: @escaping Handler
    ) -> Operation {
        Operation(
            method: .get,
            path: path,
            name: name,
            summary: summary,
            permission: permission,
            query: query,
            answer: answer,
            run: run
        )
    }

    /// An operation that changes something.
    static func change(
        _ method: HTTPRequest.Method,
        _ path: String,
        _ name: String,
        _ summary: String,
        needs permission: Permission = .writeRegistry,
        query: [Parameter] = [],
        isConditional: Bool = false,
        body: Content = .none,
        isBodyRequired: Bool = true,
        status: HTTPResponse.Status = .ok,
        answer: Content = .none,
        run: @escaping Handler
    ) -> Operation {
        Operation(
            method: method,
            path: path,
            name: name,
            summary: summary,
            permission: permission,
            query: query,
            isConditional: isConditional,
            body: body,
            isBodyRequired: isBodyRequired,
            status: status,
            answer: answer,
            run: run
        )
    }

    /// The path as the router takes it; a last part called `path` takes everything that is left.
    var routerPath: RouterPath {
        let parts = self.path.split(separator: "/").map { part in
            guard part.hasPrefix("{") else { return String(part) }
            let name = part.dropFirst().dropLast()
            return name == "path" ? "**" : ":\(name)"
        }
        return RouterPath(parts.joined(separator: "/"))
    }

    /// Whether it changes something, which somebody must answer for.
    var isChange: Bool { self.method != .get && self.method != .head }

    /// The parameters of the query, as a refusal lists them.
    var parameterNames: String {
        self.query.isEmpty ? "none" : self.query.map(\.name).joined(separator: ", ")
    }

    /// The names of the parts of the path that are to be filled in.
    var captures: [String] {
        self.path.split(separator: "/").filter { $0.hasPrefix("{") }.map { String($0.dropFirst().dropLast()) }
    }
}

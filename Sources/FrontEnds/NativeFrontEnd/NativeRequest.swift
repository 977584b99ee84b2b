import FoundationEssentials
import HTTPTypes
import Hummingbird
import Logging
import MartletCore
import MartletHTTP
import MartletJSON
import MartletRegistry

/// A request, read by its parts.
struct NativeRequest: Sendable {
    let request: Request
    let context: MartletRequestContext
    let bodyBytesMax: Int
    private let query: [(name: String, value: String)]

    init(_ request: Request, _ context: MartletRequestContext, bodyBytesMax: Int) throws(MartletError) {
        self.request = request
        self.context = context
        self.bodyBytesMax = bodyBytesMax
        self.query = try FormQuery.items(request.uri.query ?? "")
    }

    var logger: Logger { self.context.logger }

    /// A part of the path, percent-decoded.
    func capture(_ name: String) throws(MartletError) -> String {
        guard let text = self.context.parameters.get(name),
            let decoded = String(validating: PercentEncoding.decode(text.utf8), as: UTF8.self)
        else { throw .invalid("The path has no '\(name)' that could be one.") }
        return decoded
    }

    func model() throws(MartletError) -> ModelName {
        try ModelName(validating: try self.capture("model"), parameter: "model")
    }

    func version() throws(MartletError) -> VersionSelector {
        try VersionSelector(validating: try self.capture("version"))
    }

    /// A parameter of the query; `nil` when it is absent or empty.
    func text(_ name: String) -> String? {
        self.query.last { $0.name == name }.flatMap { $0.value.isEmpty ? nil : $0.value }
    }

    func requiredText(_ name: String) throws(MartletError) -> String {
        guard let text = self.text(name) else { throw .invalid("The query needs '\(name)'.") }
        return text
    }

    /// A version that a parameter names together with its model.
    func namedVersion(_ name: String) throws(MartletError) -> (ModelName, VersionSelector) {
        try Self.namedVersion(in: try self.requiredText(name))
    }

    /// Reads `iris@1.2.0` or `iris/4`: what stands after the last `@` or `/` names the version.
    static func namedVersion(in text: String) throws(MartletError) -> (ModelName, VersionSelector) {
        guard let separator = text.lastIndex(where: { $0 == "@" || $0 == "/" }) else {
            throw .invalid("'\(text)' names no version; write it as iris@1.2.0.")
        }
        return (
            try ModelName(validating: String(text[..<separator])),
            try VersionSelector(validating: String(text[text.index(after: separator)...]))
        )
    }

    func integer(_ name: String) throws(MartletError) -> Int64? {
        guard let text = self.text(name) else { return nil }
        guard let value = Int64(text) else { throw .invalid("'\(name)' is a whole number, not '\(text)'.") }
        return value
    }

    func requiredInteger(_ name: String) throws(MartletError) -> Int64 {
        guard let value = try self.integer(name) else { throw .invalid("The query needs '\(name)'.") }
        return value
    }

    func flag(_ name: String) throws(MartletError) -> Bool {
        switch self.text(name) {
        case nil, "false": return false
        case "true": return true
        case let text?: throw .invalid("'\(name)' is true or false, not '\(text)'.")
        }
    }

    func moment(_ name: String) throws(MartletError) -> Timestamp? {
        guard let text = self.text(name) else { return nil }
        return try Timestamp(text: text)
    }

    /// How many results are wanted at once.
    func limit(default standard: Int = 100, max: Int = 1_000) throws(MartletError) -> Int {
        guard let limit = try self.integer("limit") else { return standard }
        guard (1...Int64(max)).contains(limit) else { throw .invalid("'limit' is a number from 1 to \(max).") }
        return Int(limit)
    }

    /// Where the page before this one ended; `nil` on the first.
    func position(in question: Fingerprint) throws(MartletError) -> [PageToken.Field]? {
        guard let token = self.text("pageToken") else { return nil }
        return try PageToken(token, for: question).fields
    }

    /// What is done at this request's wish.
    ///
    /// - Parameter reason: Why; by default what the query says.
    func act(_ reason: String? = nil) throws(MartletError) -> Act {
        let reason = reason ?? self.text("reason")
        guard (reason?.unicodeScalars.count ?? 0) <= Self.reasonCharactersMax else {
            throw .invalid("A reason has at most \(Self.reasonCharactersMax) characters.")
        }
        let isEmpty = reason?.allSatisfy(\.isWhitespace) ?? true
        return Act(by: try self.request.actor(), reason: isEmpty ? nil : reason)
    }

    private static let reasonCharactersMax = 10_000
}

extension NativeRequest {
    /// Throws `invalidArgument` for what an operation would overlook: a parameter that it does not have, or a body
    /// where it expects none. A misspelt `limit` or a reason that stands in the wrong place would be lost.
    func checkThatAllIsRead(by operation: Operation) async throws(MartletError) {
        for (name, _) in self.query where !operation.query.contains(where: { $0.name == name }) {
            throw .invalid("There is no parameter '\(name)' here; there is \(operation.parameterNames).")
        }
        guard case .none = operation.body, self.request.announcesBody else { return }
        let body = try await self.body()
        // What some clients send for nothing.
        guard body.isEmpty || body.elementsEqual("{}".utf8) else {
            throw .invalid("No body is expected here; of parameters in the query there is \(operation.parameterNames).")
        }
    }

    /// Reads the JSON of the body.
    ///
    /// Strict: a name that the message does not have is refused, because a misspelt `from` that nobody reads would be
    /// worse than none.
    func message<Message: Decodable>(_ type: Message.Type) async throws(MartletError) -> Message {
        try self.decode(type, from: try await self.body())
    }

    /// The same, with the JSON that it was read from: only that tells `null` from nothing.
    func messageAndDocument<Message: Decodable>(
        _ type: Message.Type
    ) async throws(MartletError) -> (Message, JSONValue) {
        let bytes = try await self.body()
        return (try self.decode(type, from: bytes), try self.parse(bytes))
    }

    /// The same for a body that may be absent.
    func optionalMessage<Message: Decodable>(_ type: Message.Type) async throws(MartletError) -> Message? {
        let bytes = try await self.body()
        return bytes.isEmpty ? nil : try self.decode(type, from: bytes)
    }

    /// The body as a JSON document that has the shape of a message.
    func document(_ type: any Decodable.Type) async throws(MartletError) -> JSONValue {
        let document = try self.parse(try await self.body())
        try Schema(of: type).check(document, at: "")
        return document
    }

    private func body() async throws(MartletError) -> [UInt8] {
        Array(try await self.request.wholeBody(bytesMax: self.bodyBytesMax).readableBytesView)
    }

    private func parse(_ bytes: [UInt8]) throws(MartletError) -> JSONValue {
        do {
            return try JSONDocument(parsing: bytes, depthMax: Limits.jsonDepth, valuesMax: Limits.jsonValues).root
        } catch {
            throw .invalid("The body is not JSON: \(error.reason) at byte \(error.offset).")
        }
    }

    private func decode<Message: Decodable>(
        _ type: Message.Type,
        from bytes: [UInt8]
    ) throws(MartletError) -> Message {
        try Schema(of: type).check(try self.parse(bytes), at: "")
        do {
            return try JSONDecoder().decode(type, from: Data(bytes))
        } catch {
            throw .invalid("The body is not what is expected here.")
        }
    }
}

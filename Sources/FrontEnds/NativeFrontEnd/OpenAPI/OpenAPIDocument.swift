import HTTPTypes
import MartletJSON
import MartletWire

/// The API's description of itself (OpenAPI 3.1).
struct OpenAPIDocument {
    let operations: [Operation]
    let version: String
    let root: String

    var json: JSONWriter {
        var json = JSONWriter(capacity: 1 << 16)
        json.beginObject()
        json.member("openapi", "3.1.0")
        json.object("info") { json in
            json.member("title", "Martlet")
            json.member("version", self.version)
            json.member("summary", "The registry that remembers every version of your models.")
            json.object("license") { json in
                json.member("name", "Apache-2.0")
                json.member("identifier", "Apache-2.0")
            }
        }
        json.name("servers")
        json.beginArray()
        json.beginObject()
        json.member("url", self.root)
        json.endObject()
        json.endArray()
        json.object("paths", self.writePaths)
        json.object("components") { $0.object("schemas", self.writeSchemas) }
        json.endObject()
        return json
    }

    private func writePaths(_ json: inout JSONWriter) {
        var paths: [String] = []
        for operation in self.operations where !paths.contains(operation.path) { paths.append(operation.path) }
        for path in paths {
            json.name(text: path)
            json.beginObject()
            for operation in self.operations where operation.path == path {
                json.name(text: operation.method.rawValue.lowercased())
                self.write(operation, to: &json)
            }
            json.endObject()
        }
    }

    private func write(_ operation: Operation, to json: inout JSONWriter) {
        json.beginObject()
        json.member("operationId", operation.name)
        json.member("summary", operation.summary)
        self.writeParameters(of: operation, to: &json)
        if case .none = operation.body {
        } else {
            json.object("requestBody") { json in
                json.member("required", operation.isBodyRequired)
                json.content(operation.body)
            }
        }
        json.object("responses") { json in
            json.name(text: String(operation.status.code))
            json.beginObject()
            json.member("description", operation.status.reasonPhrase)
            json.content(operation.answer)
            json.endObject()
            if case .bytes = operation.answer {
                json.object("206") { $0.member("description", "Partial Content") }
            }
            json.object("default") { json in
                json.member("description", "What went wrong (RFC 9457)")
                json.object("content") { json in
                    json.object("application/problem+json") { $0.object("schema") { $0.reference("Problem") } }
                }
            }
        }
        json.endObject()
    }

    private func writeParameters(of operation: Operation, to json: inout JSONWriter) {
        let parts = operation.captures.map { Operation.Parameter($0, Self.meaning(ofPart: $0), isRequired: true) }
        let headers = (operation.isConditional ? [Self.ifMatch] : []) + (operation.isChange ? [Self.actor] : [])
        let all = parts.map { ("path", $0) } + operation.query.map { ("query", $0) } + headers.map { ("header", $0) }
        json.array("parameters", of: all) { json, found in
            let (place, parameter) = found
            json.beginObject()
            json.member("name", parameter.name)
            json.member("in", place)
            json.member("required", parameter.isRequired)
            json.member("description", parameter.summary)
            json.object("schema") { $0.shape(parameter.schema) }
            json.endObject()
        }
    }

    private static let ifMatch = Operation.Parameter(
        "If-Match",
        "The revision that was seen, in quotes; 412 when somebody was faster"
    )
    private static let actor = Operation.Parameter("Martlet-Actor", "Who does it; the ledger remembers")

    private static func meaning(ofPart name: String) -> String {
        switch name {
        case "model": "A model's name"
        case "version": "4, 1.2.0, ^1, ~1.2, v1, a stage, an alias, or sha256:DIGEST"
        case "path": "A file's path within the version"
        default: name
        }
    }

    private func writeSchemas(_ json: inout JSONWriter) {
        var schemas: [String: [Schema.Property]] = [:]
        for operation in self.operations {
            for content in [operation.body, operation.answer] {
                if case .json(let schema) = content { schema.collect(into: &schemas) }
            }
        }
        Schema(of: Problem.self).collect(into: &schemas)
        for (name, properties) in schemas.sorted(by: { $0.key < $1.key }) {
            json.name(text: name)
            json.beginObject()
            json.member("type", "object")
            json.array("required", of: properties.filter(\.isRequired)) { $0.string($1.name) }
            json.object("properties") { json in
                for property in properties {
                    json.name(text: property.name)
                    json.beginObject()
                    json.shape(property.schema)
                    json.endObject()
                }
            }
            json.endObject()
        }
    }
}

extension Schema {
    fileprivate func collect(into schemas: inout [String: [Property]]) {
        switch self {
        case .string, .integer, .number, .boolean, .any: break
        case .array(let element), .map(let element): element.collect(into: &schemas)
        case .object(let name, let properties):
            schemas[name] = properties
            for property in properties { property.schema.collect(into: &schemas) }
        }
    }
}

extension JSONWriter {
    /// The content of a body or an answer; nothing for none.
    fileprivate mutating func content(_ content: Operation.Content) {
        switch content {
        case .none: break
        case .json(let schema):
            self.object("content") { $0.object("application/json") { $0.object("schema") { $0.shape(schema) } } }
        case .text:
            self.object("content") { $0.object("text/plain") { $0.object("schema") { $0.shape(.string) } } }
        case .lines:
            self.object("content") { json in
                json.object("application/jsonl") { $0.object("schema") { $0.shape(.string) } }
            }
        case .bytes:
            self.object("content") { json in
                json.object("application/octet-stream") { $0.object("schema") { _ in } }
            }
        }
    }

    fileprivate mutating func reference(_ name: String) {
        self.member("$ref", "#/components/schemas/\(name)")
    }

    /// The members that describe a shape.
    fileprivate mutating func shape(_ schema: Schema) {
        switch schema {
        case .any: break
        case .string: self.member("type", "string")
        case .integer:
            self.member("type", "integer")
            self.member("format", "int64")
        case .number: self.member("type", "number")
        case .boolean: self.member("type", "boolean")
        case .array(let element):
            self.member("type", "array")
            self.object("items") { $0.shape(element) }
        case .map(let element):
            self.member("type", "object")
            self.object("additionalProperties") { $0.shape(element) }
        case .object(let name, _): self.reference(name)
        }
    }
}

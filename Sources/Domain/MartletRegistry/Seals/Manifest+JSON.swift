import MartletCapture
import MartletCore
import MartletJSON

/// How a manifest is written: as canonical JSON (RFC 8785). What is not known is left out.
extension Manifest {
    static let format = "martlet-manifest/1"

    /// The bytes whose SHA-256 is the version's digest.
    package var bytes: [UInt8] { self.bytes(files: self.files.json) }

    /// - Parameter files: The JSON of the list of files, which may have been spelt before.
    func bytes(files: CanonicalJSON) -> [UInt8] {
        var object = ObjectMembers()
        object.add("format", .string(Self.format))
        object.add("model", .string(self.model))
        object.add("number", CanonicalJSON(self.number.rawValue))
        object.add("registeredAt", .string(self.registeredAt.text))
        object.add("author", .string(self.author.rawValue))
        object.add("parent", self.parent?.json)
        object.add("description", self.description)
        object.add("tags", self.tags.json)
        object.add("source", .string(self.source))
        object.add("tree", self.files.tree.map { .string($0.description) })
        object.add("unsealedReason", self.files.unsealedReason)
        object.add("files", files)
        object.add("hyperparameters", self.hyperparameters.json)
        object.add("datasets", .list(self.datasets.map(\.json)))
        object.add("code", self.code.json)
        object.add("environment", self.environment.json)
        object.add("metrics", .list(self.metrics.map(\.json)))
        object.add("signature", self.signature?.json)
        object.add("architecture", self.architecture.json)
        object.add("run", self.run?.json)
        object.add("loggedModel", self.loggedModelID?.rawValue)
        object.add("problems", .list(self.problems.map(\.json)))
        return CanonicalJSON.object(object.members).bytes
    }
}

/// The members of an object that are there.
private struct ObjectMembers {
    private(set) var members: [CanonicalJSON.Member] = []

    mutating func add(_ name: String, _ value: CanonicalJSON?) {
        if let value { self.members.append(CanonicalJSON.Member(name, value)) }
    }

    /// Leaves out a text that says nothing.
    mutating func add(_ name: String, _ text: String?) {
        if let text, !text.isEmpty { self.members.append(CanonicalJSON.Member(name, .string(text))) }
    }

    /// The object, unless it has no members.
    var json: CanonicalJSON? { self.members.isEmpty ? nil : .object(self.members) }
}

extension CanonicalJSON {
    /// An array, unless it is empty.
    fileprivate static func list(_ elements: [CanonicalJSON]) -> CanonicalJSON? {
        elements.isEmpty ? nil : .array(elements)
    }
}

extension [Tag] {
    /// An object, unless there are no tags. The last of a repeated key counts.
    fileprivate var json: CanonicalJSON? {
        self.isEmpty ? nil : .object(self.distinct.map { CanonicalJSON.Member($0.key, .string($0.value)) })
    }
}

extension Manifest.Parent {
    fileprivate var json: CanonicalJSON? {
        var object = ObjectMembers()
        object.add("number", CanonicalJSON(self.number.rawValue))
        object.add("digest", self.digest.map { .string($0.description) })
        return object.json
    }
}

extension Manifest.Files {
    /// The list alone.
    var json: CanonicalJSON { .array(self.list.map(\.json)) }
}

extension Manifest.File {
    fileprivate var json: CanonicalJSON {
        .object([
            .init("path", .string(self.path)),
            .init("role", .string(self.role.rawValue)),
            .init("sha256", .string(self.digest.description)),
            .init("size", CanonicalJSON(self.size)),
        ])
    }
}

extension Manifest.Dataset {
    fileprivate var json: CanonicalJSON {
        var object = ObjectMembers()
        object.add("name", .string(self.name))
        object.add("digest", .string(self.digest))
        object.add("sourceType", self.sourceType)
        object.add("source", self.source)
        object.add("context", self.context)
        return .object(object.members)
    }
}

extension Manifest.Code {
    fileprivate var json: CanonicalJSON? {
        var object = ObjectMembers()
        object.add("repository", self.repository)
        object.add("commit", self.commit)
        object.add("branch", self.branch)
        object.add("dirty", self.isDirty.map(CanonicalJSON.bool))
        object.add("entryPoint", self.entryPoint)
        return object.json
    }
}

extension Manifest.Environment {
    fileprivate var json: CanonicalJSON? {
        var object = ObjectMembers()
        object.add("python", self.python)
        object.add("packages", .list(self.packages.map(CanonicalJSON.string)))
        object.add("tags", self.tags.json)
        return object.json
    }
}

extension Manifest.Metric {
    fileprivate var json: CanonicalJSON {
        var object = ObjectMembers()
        object.add("name", .string(self.name))
        // JSON has no spelling for NaN and the infinities.
        object.add("value", self.value.isFinite ? .number(self.value) : .string(self.value.description))
        object.add("step", CanonicalJSON(self.step))
        object.add("datasetName", self.datasetName)
        object.add("datasetDigest", self.datasetDigest)
        return .object(object.members)
    }
}

extension Manifest.Architecture {
    fileprivate var json: CanonicalJSON? {
        var object = ObjectMembers()
        object.add("flavors", self.flavors.json)
        object.add("task", self.task)
        object.add("names", .list(self.names.map(CanonicalJSON.string)))
        object.add("layout", self.layout.map { .string($0.description) })
        if self.tensorCount > 0 {
            object.add("tensorCount", CanonicalJSON(self.tensorCount))
            object.add("parameterCount", CanonicalJSON(self.parameterCount))
        }
        return object.json
    }
}

extension Manifest.Run {
    fileprivate var json: CanonicalJSON? {
        var object = ObjectMembers()
        object.add("id", .string(self.id.rawValue))
        object.add("name", self.name)
        object.add("experiment", .string(self.experimentID.description))
        object.add("user", self.userName)
        object.add("status", self.status)
        object.add("startedAt", self.startedAt?.readableText)
        object.add("endedAt", self.endedAt?.readableText)
        return object.json
    }
}

extension Timestamp {
    /// `nil` for a moment whose year has not four digits: RFC 3339 has no spelling for it, and clients say odd things.
    fileprivate var readableText: String? { (try? Timestamp(text: self.text)) == self ? self.text : nil }
}

extension CaptureProblem {
    fileprivate var json: CanonicalJSON {
        .object([.init("path", .string(self.path)), .init("reason", .string(self.reason))])
    }
}

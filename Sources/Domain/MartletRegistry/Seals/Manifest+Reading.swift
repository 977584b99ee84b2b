import MartletCapture
package import MartletCore
import MartletJSON

/// How a manifest that we wrote is read again.
extension Manifest {
    /// - Throws: `integrity` when it is not what a manifest looks like.
    package init(bytes: [UInt8]) throws(MartletError) {
        guard let document = try? JSONDocument(parsing: bytes, depthMax: Limits.jsonDepth),
            let manifest = try? Manifest(document.root)
        else { throw .unreadableManifest }
        self = manifest
    }

    /// Returns the list of files as a manifest's text spells it, without reading what is in it.
    ///
    /// - Throws: `integrity` when it is not what a manifest looks like.
    package static func fileList(in text: String) throws(MartletError) -> String {
        guard let document = try? JSONDocument(parsing: Array(text.utf8), depthMax: Limits.jsonDepth),
            let list = document.root["files"]
        else { throw .unreadableManifest }
        return list.source
    }

    private init(_ json: JSONValue) throws(MartletError) {
        guard json["format"]?.string == Self.format, let number = json["number"]?.integer else {
            throw .unreadableManifest
        }
        self.init(
            model: try json.requiredText("model"),
            number: VersionNumber(number),
            registeredAt: try Timestamp(text: try json.requiredText("registeredAt")),
            author: ActorName(trusted: try json.requiredText("author")),
            parent: try json["parent"].map { json throws(MartletError) in try Parent(json) },
            description: json.text("description"),
            tags: json.tags("tags"),
            source: try json.requiredText("source"),
            files: try Files(json),
            hyperparameters: json.tags("hyperparameters"),
            datasets: try json.list("datasets") { json throws(MartletError) in try Dataset(json) },
            code: Code(json["code"]),
            environment: Environment(json["environment"]),
            metrics: try json.list("metrics") { json throws(MartletError) in try Metric(json) },
            signature: try json["signature"].map { json throws(MartletError) in try ModelSignature(json) },
            architecture: try Architecture(json["architecture"]),
            run: try json["run"].map { json throws(MartletError) in try Run(json) },
            loggedModelID: json["loggedModel"]?.string.map(LoggedModelID.init(trusted:)),
            problems: try json.list("problems") { json throws(MartletError) in
                CaptureProblem(path: try json.requiredText("path"), reason: try json.requiredText("reason"))
            }
        )
    }
}

extension MartletError {
    fileprivate static var unreadableManifest: MartletError {
        MartletError(.integrity, "a manifest cannot be read")
    }
}

extension JSONValue {
    fileprivate func requiredText(_ name: String) throws(MartletError) -> String {
        guard let text = self[name]?.string else { throw .unreadableManifest }
        return text
    }

    fileprivate func text(_ name: String) -> String { self[name]?.string ?? "" }

    fileprivate func list<Element>(
        _ name: String,
        _ read: (JSONValue) throws(MartletError) -> Element
    ) throws(MartletError) -> [Element] {
        var elements: [Element] = []
        guard let list = self[name] else { return elements }
        for element in list.elements { elements.append(try read(element)) }
        return elements
    }

    fileprivate func texts(_ name: String) -> [String] {
        self[name].map { $0.elements.compactMap(\.string) } ?? []
    }

    fileprivate func tags(_ name: String) -> [Tag] {
        guard let object = self[name] else { return [] }
        return object.members.compactMap { name, value in
            guard let key = name.string, let text = value.string else { return nil }
            return Tag(key: key, value: text)
        }
    }

    fileprivate func moment(_ name: String) -> Timestamp? {
        self[name]?.string.flatMap { try? Timestamp(text: $0) }
    }

    fileprivate func digest(_ name: String) throws(MartletError) -> BlobDigest? {
        guard let text = self[name]?.string else { return nil }
        return try BlobDigest(validating: text)
    }
}

extension Manifest.Parent {
    fileprivate init(_ json: JSONValue) throws(MartletError) {
        guard let number = json["number"]?.integer else { throw .unreadableManifest }
        self.init(number: VersionNumber(number), digest: try json.digest("digest"))
    }
}

extension Manifest.Files {
    fileprivate init(_ json: JSONValue) throws(MartletError) {
        self.init(
            tree: try json.digest("tree"),
            unsealedReason: json["unsealedReason"]?.string,
            list: try json.list("files") { json throws(MartletError) in try Manifest.File(json) }
        )
    }
}

extension Manifest.File {
    fileprivate init(_ json: JSONValue) throws(MartletError) {
        guard let role = FileRole(rawValue: json.text("role")), let size = json["size"]?.integer,
            let digest = try json.digest("sha256")
        else { throw .unreadableManifest }
        self.init(path: try json.requiredText("path"), role: role, size: size, digest: digest)
    }
}

extension Manifest.Dataset {
    fileprivate init(_ json: JSONValue) throws(MartletError) {
        self.init(
            name: try json.requiredText("name"),
            digest: try json.requiredText("digest"),
            sourceType: json.text("sourceType"),
            source: json.text("source"),
            context: json.text("context")
        )
    }
}

extension Manifest.Code {
    fileprivate init(_ json: JSONValue?) {
        self.init(
            repository: json?["repository"]?.string,
            commit: json?["commit"]?.string,
            branch: json?["branch"]?.string,
            isDirty: json?["dirty"]?.bool,
            entryPoint: json?["entryPoint"]?.string
        )
    }
}

extension Manifest.Environment {
    fileprivate init(_ json: JSONValue?) {
        self.init(
            python: json?["python"]?.string,
            packages: json?.texts("packages") ?? [],
            tags: json?.tags("tags") ?? []
        )
    }
}

extension Manifest.Metric {
    fileprivate init(_ json: JSONValue) throws(MartletError) {
        guard let value = json["value"], let number = value.double ?? value.string.flatMap(Double.init) else {
            throw .unreadableManifest
        }
        self.init(
            name: try json.requiredText("name"),
            value: number,
            step: json["step"]?.integer ?? json["step"]?.string.flatMap { Int64($0) } ?? 0,
            datasetName: json.text("datasetName"),
            datasetDigest: json.text("datasetDigest")
        )
    }
}

extension Manifest.Architecture {
    fileprivate init(_ json: JSONValue?) throws(MartletError) {
        self.init(
            flavors: json?.tags("flavors") ?? [],
            task: json?["task"]?.string,
            names: json?.texts("names") ?? [],
            layout: try json?.digest("layout"),
            tensorCount: json?["tensorCount"]?.integer ?? 0,
            parameterCount: json?["parameterCount"]?.integer ?? 0
        )
    }
}

extension Manifest.Run {
    fileprivate init(_ json: JSONValue) throws(MartletError) {
        self.init(
            id: RunID(trusted: try json.requiredText("id")),
            name: json.text("name"),
            experimentID: try ExperimentID(validating: try json.requiredText("experiment")),
            userName: json.text("user"),
            status: json.text("status"),
            startedAt: json.moment("startedAt"),
            endedAt: json.moment("endedAt")
        )
    }
}

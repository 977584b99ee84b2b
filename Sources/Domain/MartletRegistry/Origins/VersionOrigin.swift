import MartletCore
import MartletSQL

/// Where a new version comes from, once everything that its request claims about it has been checked.
struct VersionOrigin {
    var source: String
    var artifactURI: String
    var runID: RunID?
    var loggedModelID: LoggedModelID?
    /// The key of the version that this is a copy of.
    var copiedFrom: Int64?

    private init(claimedBy new: NewModelVersion) {
        self.source = new.source
        self.artifactURI = new.source
        self.runID = new.runID
        self.loggedModelID = new.loggedModelID
    }

    /// Holds what a request claims against what is known of the runs, models and versions that it names.
    ///
    /// - Throws: `invalidArgument` when the source is not part of what it claims to be part of; `notFound`
    ///   when it refers to a logged model or a version that does not exist.
    static func check(
        _ new: NewModelVersion,
        in directory: any SourceDirectory,
        on db: any Connection
    ) throws(MartletError) -> VersionOrigin {
        // Files that were sent for it have no source that could be anybody's.
        if new.files != nil { return VersionOrigin(claimedBy: new) }
        let source =
            new.tags.markPrompt
            ? try VersionSource(prompt: new.source) : try VersionSource(parsing: new.source)
        try source.check(new)
        var origin = VersionOrigin(claimedBy: new)
        var model: SourceModel?
        if let id = new.loggedModelID { model = try self.find(id, in: directory, on: db) }
        switch source {
        case .elsewhere, .local, .run: break
        case .loggedModel: if let model { origin.artifactURI = model.artifactURI }
        case .proxied(let uri):
            let root = if let model { model.artifactURI } else { try self.artifactURI(ofRunIn: new, directory, db) }
            guard let root, try uri.isWithin(SourceURI(root)) else {
                throw .sourceIsNotOf(model == nil ? "run_id" : "model_id", new.source)
            }
        case .version(let reference):
            try origin.refusePrompt(reference.name, on: db)
            let found = try FoundVersion.find(reference, on: db)
            try origin.takeOver(found.version)
            origin.copiedFrom = found.key
        }
        origin.runID = origin.runID ?? model?.runID
        return origin
    }

    private func refusePrompt(_ name: ModelName, on db: any Connection) throws(MartletError) {
        let tags = try db.query(RegisteredModelQueries.tags(of: [try FoundModel.find(name, on: db).key]))
            .map { Tag(key: $0.text(1), value: $0.text(2)) }
        guard !tags.markPrompt else {
            throw .invalid(
                "Invalid model version source: '\(self.source)'. "
                    + "Prompt versions cannot be used as model version sources."
            )
        }
    }

    /// Makes this a copy of another version, as far as the request did not claim something else.
    private mutating func takeOver(_ version: ModelVersion) throws(MartletError) {
        guard self.runID == nil || self.runID == version.runID,
            self.loggedModelID == nil || self.loggedModelID == version.loggedModelID
        else {
            throw .invalid(
                "Invalid model version source: '\(self.source)'. The run_id and model_id request parameters must "
                    + "match the referenced model version."
            )
        }
        self.source = "models:/\(version.name)/\(version.number)"
        self.artifactURI = version.artifactURI
        self.runID = version.runID
        self.loggedModelID = version.loggedModelID
    }

    private static func find(
        _ id: LoggedModelID,
        in directory: any SourceDirectory,
        on db: any Connection
    ) throws(MartletError) -> SourceModel {
        guard let model = try directory.loggedModel(id, on: db) else {
            throw MartletError(.notFound, "Logged model with ID '\(id)' not found.")
        }
        return model
    }

    private static func artifactURI(
        ofRunIn new: NewModelVersion,
        _ directory: any SourceDirectory,
        _ db: any Connection
    ) throws(MartletError) -> String? {
        guard let run = new.runID else { return nil }
        return try directory.artifactURI(of: run, on: db)
    }
}

extension VersionSource {
    /// Refuses what contradicts the request by itself, whatever there is.
    fileprivate func check(_ new: NewModelVersion) throws(MartletError) {
        switch self {
        case .local: throw .sourceIsLocal(new)
        case .run(let run, _):
            guard new.loggedModelID == nil else { throw .sourceIsNotOf("model_id", new.source) }
            guard new.runID == run else { throw .sourceIsNotOf("run_id", new.source) }
        case .loggedModel(let id):
            guard new.loggedModelID == id else { throw .sourceIsNotOf("model_id", new.source) }
        case .proxied, .version, .elsewhere: break
        }
    }
}

extension MartletError {
    /// The refusal of a path on some machine: no run and no model keeps its artifacts on one.
    fileprivate static func sourceIsLocal(_ new: NewModelVersion) -> MartletError {
        let parameter = new.loggedModelID == nil ? "run_id" : "model_id"
        return .invalid(
            "Invalid model version source: '\(new.source)'. To use a local path as a model version source, the "
                + "\(parameter) request parameter has to be specified and the local path has to be contained within "
                + "the artifact directory of the run specified by the \(parameter)."
        )
    }
}

/// One version of a model: what it is called, where it stands, and whether its bytes are sealed.
public struct VersionRecord: Codable, Sendable, Hashable {
    public var model: String
    /// MLflow's integer.
    public var number: Int64
    /// As in `1.2.0`; absent for a version from before there were any.
    public var semanticVersion: String?
    /// Why it is this semantic version and no other.
    public var semanticVersionReasons: [String]
    /// The SHA-256 of its manifest, in hexadecimal; absent for a version from before there were manifests.
    public var digest: String?
    public var seal: SealRecord
    /// The stage by the name that the model's own machine gives it.
    public var stage: String
    /// The same for MLflow: `None`, `Staging`, `Production` or `Archived`.
    public var mlflowStage: String
    /// Who registered it.
    public var author: String
    public var description: String?
    public var tags: [String: String]
    public var aliases: [String]
    /// The URI that it was registered from.
    public var source: String
    public var runId: String?
    public var loggedModelId: String?
    /// The number of the version that it followed.
    public var parent: Int64?
    /// The ledger's entry that last moved it; the version's entity tag. Sent back in `If-Match`, it makes a change
    /// happen only if nobody was faster.
    public var revision: Int64
    /// RFC 3339, in UTC.
    public var createdAt: String
    public var updatedAt: String
    /// Set while it is hidden by a delete.
    public var deletedAt: String?
    /// The reason for which it must not be purged.
    public var legalHold: String?
    /// Set once its content was destroyed.
    public var purgedAt: String?

    package init(
        model: String,
        number: Int64,
        semanticVersion: String?,
        semanticVersionReasons: [String],
        digest: String?,
        seal: SealRecord,
        stage: String,
        mlflowStage: String,
        author: String,
        description: String?,
        tags: [String: String],
        aliases: [String],
        source: String,
        runId: String?,
        loggedModelId: String?,
        parent: Int64?,
        revision: Int64,
        createdAt: String,
        updatedAt: String,
        deletedAt: String?,
        legalHold: String?,
        purgedAt: String?
    ) {
        self.model = model
        self.number = number
        self.semanticVersion = semanticVersion
        self.semanticVersionReasons = semanticVersionReasons
        self.digest = digest
        self.seal = seal
        self.stage = stage
        self.mlflowStage = mlflowStage
        self.author = author
        self.description = description
        self.tags = tags
        self.aliases = aliases
        self.source = source
        self.runId = runId
        self.loggedModelId = loggedModelId
        self.parent = parent
        self.revision = revision
        self.createdAt = createdAt
        self.updatedAt = updatedAt
        self.deletedAt = deletedAt
        self.legalHold = legalHold
        self.purgedAt = purgedAt
    }
}

/// Whether a version's bytes can still change.
public struct SealRecord: Codable, Sendable, Hashable {
    /// `sealed`, `unsealed` or `purged`.
    public var state: String
    /// Why it is not sealed.
    public var reason: String?
    /// The SHA-256 of the list of its files, in hexadecimal.
    public var tree: String?
    public var fileCount: Int64
    public var byteCount: Int64

    package init(state: String, reason: String?, tree: String?, fileCount: Int64, byteCount: Int64) {
        self.state = state
        self.reason = reason
        self.tree = tree
        self.fileCount = fileCount
        self.byteCount = byteCount
    }
}

/// Some of a model's versions, the newest first.
public struct VersionPage: Codable, Sendable {
    public var versions: [VersionRecord]
    public var nextPageToken: String?

    package init(versions: [VersionRecord], nextPageToken: String?) {
        self.versions = versions
        self.nextPageToken = nextPageToken
    }
}

/// One file of a version.
public struct FileRecord: Codable, Sendable, Hashable {
    /// Relative to the version's root, with slashes.
    public var path: String
    /// `weights`, `config`, `tokenizer`, `preprocessing`, `code`, `logs` or `other`.
    public var role: String
    public var size: Int64
    /// In hexadecimal.
    public var sha256: String

    public init(path: String, role: String, size: Int64, sha256: String) {
        self.path = path
        self.role = role
        self.size = size
        self.sha256 = sha256
    }
}

/// All files of a version, in the order of their paths' bytes.
public struct FileList: Codable, Sendable {
    public var files: [FileRecord]

    package init(files: [FileRecord]) {
        self.files = files
    }
}

/// A remark on a version. Notes are added, never changed.
public struct NoteRecord: Codable, Sendable, Hashable {
    public var number: Int64
    public var author: String
    public var text: String
    public var at: String

    package init(number: Int64, author: String, text: String, at: String) {
        self.number = number
        self.author = author
        self.text = text
        self.at = at
    }
}

public struct NoteList: Codable, Sendable {
    public var notes: [NoteRecord]

    package init(notes: [NoteRecord]) {
        self.notes = notes
    }
}

/// A remark that is to be added.
public struct NoteCreation: Codable, Sendable {
    public var text: String

    public init(text: String) {
        self.text = text
    }
}

/// A tag's new value.
public struct TagChange: Codable, Sendable {
    public var value: String

    public init(value: String) {
        self.value = value
    }
}

/// A new description; absent clears it.
public struct DescriptionChange: Codable, Sendable {
    public var description: String?

    public init(description: String?) {
        self.description = description
    }
}

/// Another semantic version for a candidate.
public struct SemanticVersionChange: Codable, Sendable {
    /// As in `2.0.0`.
    public var semanticVersion: String
    public var reason: String?

    public init(semanticVersion: String, reason: String? = nil) {
        self.semanticVersion = semanticVersion
        self.reason = reason
    }
}

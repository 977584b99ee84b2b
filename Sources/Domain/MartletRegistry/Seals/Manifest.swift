package import MartletCapture
package import MartletCore

/// Everything that a version is made of. Written once, when it is registered, and never changed: the SHA-256 of its
/// bytes is the version's digest.
///
/// `docs/manifest.md` says what each part means and where it comes from.
package struct Manifest: Sendable, Hashable {
    package var model: String
    package var number: VersionNumber
    package var registeredAt: Timestamp
    package var author: ActorName
    /// The version that this one followed.
    package var parent: Parent?
    package var description: String
    package var tags: [Tag]
    /// The URI that it was registered from.
    package var source: String
    package var files: Files
    package var hyperparameters: [Tag]
    package var datasets: [Dataset]
    package var code: Code
    package var environment: Environment
    package var metrics: [Metric]
    package var signature: ModelSignature?
    package var architecture: Architecture
    package var run: Run?
    package var loggedModelID: LoggedModelID?
    /// Files that could not be read, and why.
    package var problems: [CaptureProblem]

    package struct Parent: Sendable, Hashable {
        package var number: VersionNumber
        /// `nil` for one from before there were digests.
        package var digest: BlobDigest?
    }

    package struct Files: Sendable, Hashable {
        /// Of the list; `nil` when they are not sealed.
        package var tree: BlobDigest?
        /// Why there is no tree.
        package var unsealedReason: String?
        /// In the order of their paths' bytes.
        package var list: [File]
    }

    package struct File: Sendable, Hashable {
        package var path: String
        package var role: FileRole
        package var size: Int64
        package var digest: BlobDigest
    }

    /// A dataset version, and what it was used for.
    package struct Dataset: Sendable, Hashable {
        package var name: String
        package var digest: String
        /// As in `local`, `s3`; empty when nobody said.
        package var sourceType: String
        package var source: String
        /// As in `training`; empty when nobody said.
        package var context: String

        package init(name: String, digest: String, sourceType: String, source: String, context: String) {
            self.name = name
            self.digest = digest
            self.sourceType = sourceType
            self.source = source
            self.context = context
        }
    }

    package struct Code: Sendable, Hashable {
        package var repository: String?
        package var commit: String?
        package var branch: String?
        /// Whether files were changed and not committed; `nil` when nobody looked.
        package var isDirty: Bool?
        /// The program that ran.
        package var entryPoint: String?

        package init(
            repository: String? = nil,
            commit: String? = nil,
            branch: String? = nil,
            isDirty: Bool? = nil,
            entryPoint: String? = nil
        ) {
            self.repository = repository
            self.commit = commit
            self.branch = branch
            self.isDirty = isDirty
            self.entryPoint = entryPoint
        }
    }

    package struct Environment: Sendable, Hashable {
        package var python: String?
        /// Lines such as `numpy==2.1.0`, sorted.
        package var packages: [String]
        /// What the run's tags say of machine and system.
        package var tags: [Tag]
    }

    package struct Metric: Sendable, Hashable {
        package var name: String
        package var value: Double
        package var step: Int64
        /// What it was measured on; empty when nobody said.
        package var datasetName: String
        package var datasetDigest: String

        package init(name: String, value: Double, step: Int64, datasetName: String, datasetDigest: String) {
            self.name = name
            self.value = value
            self.step = step
            self.datasetName = datasetName
            self.datasetDigest = datasetDigest
        }
    }

    /// What kind of model it is, so that a change of kind can be seen.
    package struct Architecture: Sendable, Hashable {
        /// The libraries that can load it, with their versions.
        package var flavors: [Tag]
        package var task: String?
        /// Names of architectures, as a `config.json` gives them.
        package var names: [String]
        /// Of the names, types and shapes of all tensors.
        package var layout: BlobDigest?
        package var tensorCount: Int64
        package var parameterCount: Int64
    }

    package struct Run: Sendable, Hashable {
        package var id: RunID
        package var name: String
        package var experimentID: ExperimentID
        package var userName: String
        package var status: String
        /// `nil` when the client has said something that is no moment.
        package var startedAt: Timestamp?
        package var endedAt: Timestamp?

        package init(
            id: RunID,
            name: String,
            experimentID: ExperimentID,
            userName: String,
            status: String,
            startedAt: Timestamp?,
            endedAt: Timestamp?
        ) {
            self.id = id
            self.name = name
            self.experimentID = experimentID
            self.userName = userName
            self.status = status
            self.startedAt = startedAt
            self.endedAt = endedAt
        }
    }
}

extension Manifest {
    /// Of all files together.
    package var byteCount: Int64 { self.files.list.reduce(0) { $0 + $1.size } }

    /// What was captured.
    package var captured: Set<CaptureItem> {
        var items: Set<CaptureItem> = []
        if self.files.list.contains(where: { $0.role == .weights }) { items.insert(.weights) }
        if self.files.list.contains(where: { $0.role == .tokenizer }) { items.insert(.tokenizer) }
        if self.files.tree != nil { items.insert(.seal) }
        if self.signature != nil { items.insert(.signature) }
        if !self.datasets.isEmpty { items.insert(.dataset) }
        if self.code.commit?.isEmpty == false { items.insert(.code) }
        if self.environment.python != nil || !self.environment.packages.isEmpty { items.insert(.environment) }
        if !self.metrics.isEmpty { items.insert(.metric) }
        if !self.hyperparameters.isEmpty { items.insert(.hyperparameters) }
        if self.run != nil { items.insert(.run) }
        return items
    }
}

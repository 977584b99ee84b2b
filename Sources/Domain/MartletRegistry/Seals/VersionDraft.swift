import Crypto
import MartletArtifacts
import MartletCapture
import MartletCore
import MartletJSON
import MartletSQL

/// What a version will be made of: all that can be found out before it is its turn to be written.
struct VersionDraft: Sendable {
    let files: Files
    let facts: SourceFacts
    let capture: CapturedModel
    private let manifestFiles: Manifest.Files
    /// The list of files as the manifest spells it: what takes long of a manifest, done before anybody waits for it.
    let spelling: CanonicalJSON

    /// - Parameter declaredRoles: Roles that the author declared, by path.
    init(files: Files, facts: SourceFacts, capture: CapturedModel, declaredRoles: [String: FileRole] = [:]) {
        self.files = files
        self.facts = facts
        self.capture = capture
        self.manifestFiles = Manifest.Files(files, capture, declaring: declaredRoles)
        self.spelling = .spelt(self.manifestFiles.json.bytes)
    }

    enum Files: Sendable {
        /// - Parameter file: The name of the one file that the source is; `nil` for a folder.
        case sealed(SealedTree, file: String?)
        /// Nothing here can hold them; says why.
        case unsealed(reason: String)

        var tree: SealedTree? { if case .sealed(let tree, _) = self { tree } else { nil } }

        /// Where the sealed files lie; `nil` when they are not.
        var uri: String? {
            guard case .sealed(let tree, let file) = self else { return nil }
            let root = ArtifactAddress.uri(ofTree: tree.digest)
            return file.map { "\(root)/\(PercentEncoding.encode($0))" } ?? root
        }

        /// As a manifest says it.
        var reason: String? { if case .unsealed(let reason) = self { reason } else { nil } }
    }

    /// The manifest of this version, once it is known which number it has and what it follows.
    func manifest(
        of new: NewModelVersion,
        number: VersionNumber,
        parent: Manifest.Parent?,
        by author: ActorName,
        at now: Timestamp
    ) -> Manifest {
        Manifest(
            model: new.name.rawValue,
            number: number,
            registeredAt: now,
            author: author,
            parent: parent,
            description: new.description,
            tags: new.tags.distinct,
            source: URLRedaction.redacted(new.source),
            files: self.manifestFiles,
            hyperparameters: self.facts.hyperparameters,
            datasets: self.facts.datasets,
            code: self.facts.code,
            environment: Manifest.Environment(
                python: self.capture.environment?.pythonVersion,
                packages: self.capture.environment?.packages.map(\.requirement) ?? [],
                tags: self.facts.environmentTags
            ),
            metrics: self.facts.metrics,
            signature: self.capture.signature,
            architecture: Manifest.Architecture(self.capture),
            run: self.facts.run,
            loggedModelID: new.loggedModelID,
            problems: self.capture.problems
        )
    }
}

extension Manifest.Files {
    /// - Parameter roles: What the author declared, by path; what the capture found is second to it.
    fileprivate init(_ files: VersionDraft.Files, _ capture: CapturedModel, declaring roles: [String: FileRole]) {
        guard let tree = files.tree else {
            self.init(tree: nil, unsealedReason: files.reason, list: [])
            return
        }
        let list = zip(tree.files, capture.files).map { file, captured in
            Manifest.File(
                path: file.path,
                role: roles[file.path] ?? captured.role,
                size: file.size,
                digest: file.digest
            )
        }
        self.init(tree: tree.digest, unsealedReason: nil, list: list)
    }
}

extension Manifest.Architecture {
    init(_ capture: CapturedModel) {
        let architecture = capture.architecture
        self.init(
            flavors: capture.flavors.map { Tag(key: $0.name, value: $0.libraryVersion ?? "") },
            task: capture.mlmodel?.task,
            names: architecture?.configs.flatMap(\.file.architectures) ?? [],
            layout: architecture.map { BlobDigest(SHA256.hash(data: $0.canonicalBytes)) },
            tensorCount: Int64(architecture?.tensors.count ?? 0),
            parameterCount: architecture?.parameterCount ?? 0
        )
    }
}

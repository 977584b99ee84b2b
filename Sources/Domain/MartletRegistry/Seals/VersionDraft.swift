import Crypto
import MartletArtifacts
import MartletCapture
import MartletCore
import MartletSQL

/// What a version will be made of: all that can be found out before it is its turn to be written.
struct VersionDraft: Sendable {
    var files: Files
    var facts: SourceFacts
    var capture: CapturedModel
    /// Roles that the author declared, by path.
    var declaredRoles: [String: FileRole]

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

    private var manifestFiles: Manifest.Files {
        guard let tree = self.files.tree else {
            return Manifest.Files(tree: nil, unsealedReason: self.files.reason, list: [])
        }
        let files = zip(tree.files, self.capture.files).map { file, captured in
            Manifest.File(
                path: file.path,
                role: self.declaredRoles[file.path] ?? captured.role,
                size: file.size,
                digest: file.digest
            )
        }
        return Manifest.Files(tree: tree.digest, unsealedReason: nil, list: files)
    }
}

extension Manifest.Architecture {
    init(_ capture: CapturedModel) {
        let architecture = capture.architecture
        self.init(
            flavors: capture.flavors.map { Tag(key: $0.name, value: $0.libraryVersion ?? "") },
            task: capture.mlmodel?.task,
            names: architecture?.configs.flatMap(\.file.architectures) ?? [],
            layout: architecture.map { BlobDigest(bytes: Array(SHA256.hash(data: $0.canonicalBytes))) },
            tensorCount: Int64(architecture?.tensors.count ?? 0),
            parameterCount: architecture?.parameterCount ?? 0
        )
    }
}

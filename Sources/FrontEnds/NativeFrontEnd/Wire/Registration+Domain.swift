import MartletArtifacts
import MartletCapture
import MartletCore
import MartletRegistry
import MartletWire

extension Registration {
    /// What the message asks for.
    func version(of name: ModelName) throws(MartletError) -> NewModelVersion {
        guard (self.source == nil) != (self.files == nil) else {
            throw .invalid("A version is registered either from a 'source' or from 'files'.")
        }
        return NewModelVersion(
            name: name,
            source: self.source ?? "",
            runID: try self.runId.map { text throws(MartletError) in try RunID(validating: text) },
            loggedModelID: try self.loggedModelId.map { text throws(MartletError) in
                try LoggedModelID(validating: text)
            },
            description: self.description ?? "",
            tags: try NativeTag.tags(self.tags),
            semanticVersion: try self.semanticVersion.map { text throws(MartletError) in
                try SemanticVersion(validating: text)
            },
            files: try self.declaredFiles(),
            facts: try self.facts(),
            createsModel: self.createsModel ?? false
        )
    }

    private func declaredFiles() throws(MartletError) -> [DeclaredFile]? {
        guard let files else { return nil }
        guard files.count <= Limits.filesPerVersion else {
            throw .invalid("A version has at most \(Limits.filesPerVersion) files.")
        }
        var declared: [DeclaredFile] = []
        for file in files {
            declared.append(
                DeclaredFile(
                    path: try ArtifactPath(validating: file.path),
                    digest: try BlobDigest(validating: file.sha256),
                    role: try file.role.map { text throws(MartletError) in try FileRole(naming: text) }
                )
            )
        }
        return declared
    }

    private func facts() throws(MartletError) -> SourceFacts {
        var facts = SourceFacts()
        facts.hyperparameters = try NativeTag.tags(self.hyperparameters)
        for dataset in self.datasets ?? [] {
            guard !dataset.name.isEmpty, !dataset.digest.isEmpty else {
                throw .invalid("A dataset has a 'name' and a 'digest'.")
            }
        }
        facts.datasets = (self.datasets ?? []).map { dataset in
            Manifest.Dataset(
                name: dataset.name,
                digest: dataset.digest,
                sourceType: "",
                source: URLRedaction.redacted(dataset.source ?? ""),
                context: dataset.context ?? ""
            )
        }
        if let code {
            facts.code = Manifest.Code(
                repository: code.repository.map(URLRedaction.redacted),
                commit: code.commit.flatMap { $0.isEmpty ? nil : $0 },
                branch: code.branch,
                isDirty: code.dirty,
                entryPoint: code.entryPoint
            )
        }
        var names: Set<[ExactText]> = []
        for metric in self.metrics ?? [] {
            let name = [metric.name, metric.datasetName ?? "", metric.datasetDigest ?? ""].map(ExactText.init)
            guard !metric.name.isEmpty, names.insert(name).inserted else {
                throw .invalid("A metric has a 'name', and each is given once for a dataset: '\(metric.name)'.")
            }
        }
        facts.metrics = (self.metrics ?? []).map { metric in
            Manifest.Metric(
                name: metric.name,
                value: metric.value,
                step: 0,
                datasetName: metric.datasetName ?? "",
                datasetDigest: metric.datasetDigest ?? ""
            )
        }
        return facts
    }
}

extension FileRole {
    fileprivate init(naming text: String) throws(MartletError) {
        guard let role = FileRole(rawValue: text) else {
            let roles = Self.allCases.map(\.rawValue).joined(separator: ", ")
            throw .invalid("'\(text)' is not a role of a file; the roles are \(roles).")
        }
        self = role
    }
}

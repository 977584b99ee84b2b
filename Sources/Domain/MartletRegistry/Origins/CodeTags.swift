import MartletCapture
import MartletCore

/// What a run's tags say of the code that made a model, under the names that MLflow's clients have given them.
struct CodeTags {
    private let tags: [ExactText: String]

    init(_ tags: [Tag]) {
        self.tags = Dictionary(tags.map { (ExactText($0.key), $0.value) }, uniquingKeysWith: { $1 })
    }

    var code: Manifest.Code {
        Manifest.Code(
            repository: self.first("mlflow.source.git.repoURL", "mlflow.gitRepoURL", "mlflow.git.repo_url")
                .map(URLRedaction.redacted),
            commit: self.first("mlflow.source.git.commit", "mlflow.git.commit"),
            branch: self.first("mlflow.source.git.branch", "mlflow.gitBranch", "mlflow.git.branch"),
            isDirty: self.first("mlflow.source.git.dirty", "mlflow.git.dirty").map { $0.lowercased() == "true" },
            entryPoint: self.first("mlflow.project.entryPoint", "mlflow.source.name")
        )
    }

    private func first(_ names: String...) -> String? {
        names.lazy.compactMap { self.tags[ExactText($0)] }.first { !$0.isEmpty }
    }
}

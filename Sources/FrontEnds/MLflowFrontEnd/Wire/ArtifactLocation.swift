import MartletCore

/// Where an experiment keeps its artifacts: where the client says, or with us.
enum ArtifactLocation {
    case own
    case elsewhere(String)

    /// The location of everything that is kept with us.
    static let root = "mlflow-artifacts:/"

    init(validating text: String?) throws(MartletError) {
        guard let text, !text.isEmpty else {
            self = .own
            return
        }
        guard !text.hasPrefix("runs:") else {
            throw .invalid("Artifact location cannot be a runs:/ URI. Given: '\(text)'")
        }
        self = .elsewhere(text)
    }

    func text(for experiment: ExperimentID) -> String {
        switch self {
        case .own: "\(Self.root)\(experiment)"
        case .elsewhere(let location): location
        }
    }
}

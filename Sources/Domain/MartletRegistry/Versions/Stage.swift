package import MartletCore

/// How far a version has come.
package enum Stage: String, Sendable, CaseIterable {
    case candidate, staging, production, archived

    /// Reads what MLflow, and a URI such as `models:/NAME/Production`, calls it, in any case.
    package init(mlflowName text: String) throws(MartletError) {
        guard let stage = Self.allCases.first(where: { $0.mlflowName.lowercased() == text.lowercased() }) else {
            let names = Self.allCases.map(\.mlflowName).joined(separator: ", ")
            throw .invalid("Invalid Model Version stage: \(text). Value must be one of \(names).")
        }
        self = stage
    }

    package var mlflowName: String {
        switch self {
        case .candidate: "None"
        case .staging: "Staging"
        case .production: "Production"
        case .archived: "Archived"
        }
    }

    /// Whether a version in this stage is in use, so that a new one may take its place.
    package var isActive: Bool {
        switch self {
        case .staging, .production: true
        case .candidate, .archived: false
        }
    }
}

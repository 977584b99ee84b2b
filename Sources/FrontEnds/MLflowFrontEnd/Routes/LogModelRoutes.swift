import HTTPTypes
import MartletCore
import MartletJSON
import MartletTracking

/// `runs/log-model`: how MLflow 2 says that it has stored a model below a run.
///
/// The descriptions are kept as a JSON list in a tag of the run, where clients look for them.
struct LogModelRoutes {
    private static let historyTag = "mlflow.log-model.history"
    private static let mandatoryMembers = ["run_id", "artifact_path", "utc_time_created", "flavors"]

    let runs: RunService

    func register(on routes: MLflowRoutes) {
        routes.on(.post, "runs/log-model", needs: .writeTracking, use: self.logModel)
    }

    @Sendable private func logModel(_ fields: MLflowFields) async throws(MartletError) -> JSONWriter {
        let id = try fields.runID()
        let model = try Self.model(try fields.requiredString("model_json"))
        try await self.runs.updateTag(Self.historyTag, of: id) { present in
            JSONText.appending(model, to: present ?? "[]")
        }
        return .empty
    }

    /// Checks a description and keeps the members that the history needs.
    private static func model(_ text: String) throws(MartletError) -> String {
        guard let document = try? JSONDocument(parsing: Array(text.utf8), depthMax: Limits.jsonDepth) else {
            // The parser's reason says less to the caller than the text itself.
            throw .invalid("Malformed model info. \n \(text) \n is not a valid JSON.")
        }
        guard document.root.kind == .object else {
            throw .invalid("Malformed model info. \n \(text) \n is not a JSON object.")
        }
        let missing = self.mandatoryMembers.filter { document.root[$0] == nil }
        guard missing.isEmpty else {
            let list = missing.map { "'\($0)'" }.joined(separator: ", ")
            throw .invalid("Model json is missing mandatory fields: {\(list)}")
        }
        return text
    }
}

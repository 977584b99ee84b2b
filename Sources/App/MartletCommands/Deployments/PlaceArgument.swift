import ArgumentParser

/// A name, and where its values stand in JSON, as in `age=inputs.*.age`.
struct PlaceArgument: ExplainedArgument, Sendable {
    static let spelling = "NAME=PATH, as in age=inputs.*.age"

    let name: String
    let path: [String]

    init?(argument: String) {
        guard let pair = PairArgument(argument: argument), let path = PathArgument(argument: pair.value) else {
            return nil
        }
        self.name = pair.key
        self.path = path.names
    }

    /// By name; the last one of those that are named twice.
    static func places(_ arguments: [PlaceArgument]) -> [String: [String]] {
        Dictionary(arguments.map { ($0.name, $0.path) }) { $1 }
    }
}

import ArgumentParser

/// Where something stands in JSON, as in `inputs.*.age`.
struct PathArgument: ExpressibleByArgument, Sendable {
    /// From the outside in.
    let names: [String]

    init?(argument: String) {
        self.names = argument.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard !self.names.contains("") else { return nil }
    }

    /// All that is named; nothing for `none` alone.
    static func places(_ arguments: [PathArgument]) -> [[String]] {
        let paths = arguments.map(\.names)
        return paths == [["none"]] ? [] : paths
    }
}

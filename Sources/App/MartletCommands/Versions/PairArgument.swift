import ArgumentParser

/// `KEY=VALUE`.
struct PairArgument: ExpressibleByArgument, Sendable, Hashable {
    let key: String
    let value: String

    init?(argument: String) {
        guard let divider = argument.firstIndex(of: "="), divider > argument.startIndex else { return nil }
        self.key = String(argument[..<divider])
        self.value = String(argument[argument.index(after: divider)...])
    }

    /// - Throws: When a key is given twice.
    static func dictionary(_ pairs: [PairArgument], _ option: String) throws -> [String: String] {
        try Dictionary(pairs.map { ($0.key, $0.value) }) { _, _ in
            throw ValidationError("two values of \(option) have the same name")
        }
    }
}

import ArgumentParser

/// `KEY=VALUE`.
package struct PairArgument: ExpressibleByArgument, Sendable, Hashable {
    package let key: String
    package let value: String

    package init?(argument: String) {
        guard let divider = argument.firstIndex(of: "="), divider > argument.startIndex else { return nil }
        self.key = String(argument[..<divider])
        self.value = String(argument[argument.index(after: divider)...])
    }

    /// - Throws: When a key is given twice.
    package static func dictionary(_ pairs: [PairArgument], _ option: String) throws -> [String: String] {
        try Dictionary(pairs.map { ($0.key, $0.value) }) { _, _ in
            throw ValidationError("two values of \(option) have the same name")
        }
    }
}

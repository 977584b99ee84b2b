import ArgumentParser

/// An argument that says how it is written where nobody can tell what is meant.
protocol ExplainedArgument: ExpressibleByArgument {
    /// What to write, with an example.
    static var spelling: String { get }
}

extension ExplainedArgument {
    /// Reads an argument. What is thrown follows the parser's own words about it.
    static func parse(_ text: String) throws -> Self {
        guard let value = Self(argument: text) else { throw ValidationError("write \(Self.spelling)") }
        return value
    }
}

/// What an option sets, or `none` to take back what is set.
enum Removable<Value: ExplainedArgument & Sendable>: Sendable {
    case removed
    case value(Value)

    /// Reads an argument. What is thrown follows the parser's own words about it.
    static func parse(_ text: String) throws -> Removable {
        if text == "none" { return .removed }
        guard let value = Value(argument: text) else { throw ValidationError("write \(Value.spelling), or none") }
        return .value(value)
    }

    var value: Value? {
        if case .value(let value) = self { value } else { nil }
    }
}

/// A whole number of something that the option names.
struct WholeNumber: ExplainedArgument, Sendable {
    static let spelling = "a whole number"

    let value: Int64

    init?(argument: String) {
        guard let value = Int64(argument) else { return nil }
        self.value = value
    }
}

import ArgumentParser
package import MartletClient

/// What some commands work on: a model, or one of its versions.
package enum Target: Sendable, Hashable {
    case model(String)
    case version(VersionReference)

    /// - Parameter isModel: Whether a model is meant even if its name looks like a version.
    package init(_ text: String, isModel: Bool) throws {
        if isModel || !text.contains(where: { $0 == "@" || $0 == "/" }) {
            self = .model(text)
        } else {
            self = .version(try VersionReference(text))
        }
    }
}

/// A model, or one of its versions, on the command line.
struct TargetOptions: ParsableArguments {
    @Argument(help: ArgumentHelp("MODEL, or MODEL@VERSION.", valueName: "target"))
    var text: String

    @Flag(name: .customLong("model"), help: "The target is a model, though its name has an @ or a / in it.")
    var isModel = false

    private var parsed: Result<Target, any Error> { Result { try Target(self.text, isModel: self.isModel) } }

    func validate() throws {
        if case .failure(let error) = self.parsed { throw ValidationError("\(error)") }
    }

    func target() throws -> Target { try self.parsed.get() }
}

extension VersionReference {
    /// How versions are written on the command line.
    static let help: ArgumentHelp = """
        MODEL@VERSION; the version is a number, a semantic version, a range, a stage, an alias or sha256:DIGEST.
        """

    /// Reads an argument.
    static func parse(_ text: String) throws -> VersionReference {
        do { return try VersionReference(text) } catch { throw ValidationError(error.message) }
    }
}

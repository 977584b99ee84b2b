internal import MartletCore
internal import MartletJSON

/// What could not be read of a version, said to a person.
package struct CaptureProblem: Sendable, Hashable {
    /// The file that it is about.
    package let path: String
    package let reason: String

    package init(path: String, reason: String) {
        self.path = path
        self.reason = reason
    }
}

extension MartletError {
    /// The refusal of a text that is no JSON.
    static func notJSON(_ error: JSONError) -> MartletError {
        .invalid("not JSON: \(error.reason), at byte \(error.offset)")
    }
}

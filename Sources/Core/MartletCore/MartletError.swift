/// The one error type thrown below the front ends.
///
/// A front end turns ``code`` into its own vocabulary with an exhaustive `switch`, so adding a case
/// makes the compiler list every protocol that has to decide what to say about it.
package struct MartletError: Error, Sendable {
    package enum Code: String, Sendable, CaseIterable {
        /// The request says something that cannot be meant.
        case invalidArgument
        case unauthenticated
        case permissionDenied
        case notFound
        case alreadyExists
        /// The request was meaningful but the current state forbids it.
        case conflict
        /// What the request says that it expects is not so.
        case preconditionFailed
        /// A version may not enter a stage yet.
        case gateClosed
        /// A named limit of ``Limits`` or of the configuration was exceeded.
        case limitExceeded
        /// Stored or received bytes are not what their digest says.
        case integrity
        case unsupported
        case unavailable
        /// There is no space left to write to; reads go on.
        case storageFull
        case `internal`
    }

    package var code: Code
    /// Safe to show to a client: names what the caller sent, never SQL, paths or secrets.
    package var message: String
    /// The violated database constraint, when there is one.
    package var constraint: String?
    /// For the log only.
    package var cause: (any Error)?

    package init(_ code: Code, _ message: String, constraint: String? = nil, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.constraint = constraint
        self.cause = cause
    }
}

extension MartletError {
    /// The shorthand for the commonest refusal.
    package static func invalid(_ message: String) -> MartletError {
        MartletError(.invalidArgument, message)
    }
}

/// Asks whether somebody answers.
///
/// A look takes a bounded time, and changes nothing where it looks. May be used by any number of tasks at once.
package protocol BackendProbe: Sendable {
    /// Returns why what is below a URL cannot be asked now, in words that follow its name; `nil` when it can.
    ///
    /// - Parameter path: What to ask for, which is well as long as the status is below 500; `nil` to connect only.
    func trouble(at url: String, path: String?) async -> String?
}

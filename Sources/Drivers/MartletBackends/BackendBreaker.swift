/// Asks nothing of backends that have failed again and again.
///
/// May be used by any number of tasks at once.
package protocol BackendBreaker: Sendable {
    /// Has what is at a URL asked again, whatever came of it before.
    func readmit(_ url: String)
}

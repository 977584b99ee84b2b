package import Hummingbird

/// One wire protocol.
///
/// Conformances live in sibling modules and never import each other.
package protocol FrontEnd: Sendable {
    /// Names the protocol in configuration, logs and metrics.
    static var name: String { get }

    func addRoutes(to router: Router<MartletRequestContext>)
}

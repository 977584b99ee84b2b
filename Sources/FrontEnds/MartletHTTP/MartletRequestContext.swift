package import Hummingbird
package import MartletCore
package import NIOCore

/// What a request brings along on its way through middleware and routes.
package struct MartletRequestContext: RequestContext {
    package var coreContext: CoreRequestContextStorage
    /// The connection that it came on.
    package let channel: any Channel
    /// Everything, until a server with users fills it in.
    package var granted: Set<Permission> = Self.everything

    private static let everything = Set(Permission.allCases)

    package init(source: ApplicationRequestContextSource) {
        self.coreContext = .init(source: source)
        self.channel = source.channel
    }

    package func require(_ permission: Permission) throws(MartletError) {
        guard self.granted.contains(permission) else {
            throw MartletError(.permissionDenied, "'\(permission.rawValue)' is not granted")
        }
    }
}

/// What a caller may do. Every route names exactly one.
package enum Permission: String, Sendable, CaseIterable {
    case readTracking
    case writeTracking
    case readRegistry
    case writeRegistry
    case readArtifacts
    case writeArtifacts
    case readOperations
}

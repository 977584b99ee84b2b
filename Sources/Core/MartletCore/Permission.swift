/// What a caller may do. Every route names exactly one.
package enum Permission: String, Sendable, CaseIterable {
    case readTracking
    case writeTracking
    case readRegistry
    case writeRegistry
    /// Decide what others may not undo or pass by: policies, approvals, legal holds, purges.
    case governRegistry
    /// Decide which versions serve.
    case deploy
    /// Ask the versions that serve.
    case serve
    /// Say what came of decisions.
    case tellOutcomes
    /// See what was asked and answered, as far as it is kept.
    case readPayloads
    /// Webhooks send what happens in the registry to others, whom their owners choose.
    case readWebhooks
    case writeWebhooks
    case readArtifacts
    case writeArtifacts
    case readOperations
}

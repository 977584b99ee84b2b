package import MartletCore
import MartletWebhookHTTP
import MartletWebhooks

/// How a server calls the receivers of webhooks.
package struct WebhookSettings: Sendable {
    /// Hosts, addresses and networks that may be called though they are not public, and without TLS.
    package var allowedTargets: [String]
    /// How often a delivery is tried.
    package var attempts: Int
    /// The longest time that one call takes.
    package var timeoutSeconds: Int
    /// Certificates to trust besides the system's.
    package var authorityFile: String?

    package static let defaultAttempts = 12
    package static let defaultTimeoutSeconds = 10

    package init(
        allowedTargets: [String] = [],
        attempts: Int = Self.defaultAttempts,
        timeoutSeconds: Int = Self.defaultTimeoutSeconds,
        authorityFile: String? = nil
    ) {
        self.allowedTargets = allowedTargets
        self.attempts = attempts
        self.timeoutSeconds = timeoutSeconds
        self.authorityFile = authorityFile
    }

    /// - Throws: `invalidArgument` for a target that is neither a name nor an address nor a network.
    package func checkAllowedTargets() throws(MartletError) {
        _ = try WebhookTargetRules(allowing: self.allowedTargets)
    }

    /// Makes what calls them.
    package func webhooks() throws(MartletError) -> Domain.Webhooks {
        let sender = try HTTPWebhookSender(
            rules: try WebhookTargetRules(allowing: self.allowedTargets),
            timeout: .seconds(self.timeoutSeconds),
            authorityFile: self.authorityFile,
            userAgent: "martlet/\(MartletVersion.text)"
        )
        return Domain.Webhooks(sender: sender, attempts: self.attempts)
    }
}

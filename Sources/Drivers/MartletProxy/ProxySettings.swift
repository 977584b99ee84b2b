import MartletBackends
package import NIOCore

/// What the connections to backends are limited by.
package struct ProxySettings: Sendable {
    package var connectTimeout = TimeAmount.seconds(5)
    /// How long a backend may say nothing in the middle of a long answer.
    package var silenceMax = TimeAmount(BackendPatience.streamSilenceMax)
    /// How long a connection is kept that nobody needs.
    package var idleTime = TimeAmount.seconds(50)
    /// Of one event loop to one backend; who comes on top waits.
    package var connectionsMax = 1_024
    /// Answers of at most that length are read whole, and handed over at once.
    package var wholeAnswerBytes = 256 << 10
    /// How much of a longer answer is read ahead of whoever wants it.
    package var bytesAheadMax = 256 << 10
    /// Certificates in PEM format to trust besides the system's.
    package var authorityFile: String?

    package init() {}
}

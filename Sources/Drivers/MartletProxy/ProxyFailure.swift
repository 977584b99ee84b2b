/// Why a backend gave no answer, or not all of it.
package enum ProxyFailure: Error, Sendable, CaseIterable {
    /// No connection to it can be made.
    case unreachable
    /// It said nothing for too long.
    case timeout
    /// It broke off in the middle, or what it said was no HTTP.
    case broken
    /// It failed too often just now, and was not asked.
    case ejected
    /// Whoever wanted the answer did not wait for it.
    case cancelled
}

package import MartletCore
import Synchronization

/// Credentials that are fetched when they are needed first, and again before they expire; once for all who wait.
package final class CredentialCache: Sendable {
    /// Long enough for a request with all its repetitions.
    private static let marginMilliseconds: Int64 = 5 * 60_000

    private struct State {
        var credentials: S3Credentials?
        var fetching: Task<Result<S3Credentials, MartletError>, Never>?
    }

    private let source: any CredentialSource
    private let now: @Sendable () -> Timestamp
    private let state = Mutex(State())

    package init(_ source: any CredentialSource, now: @escaping @Sendable () -> Timestamp) {
        self.source = source
        self.now = now
    }

    /// Returns credentials that are good for some minutes.
    ///
    /// When no new ones can be had, the old ones are used for as long as they are accepted.
    package func current() async throws(MartletError) -> S3Credentials {
        let now = self.now()
        let (usable, fetching) = self.state.withLock { state in
            if let credentials = state.credentials, credentials.lasts(from: now, Self.marginMilliseconds) {
                return (credentials as S3Credentials?, nil as Task<Result<S3Credentials, MartletError>, Never>?)
            }
            let stale = state.credentials.flatMap { $0.lasts(from: now, 0) ? $0 : nil }
            let fetching = state.fetching ?? Task { await self.fetch() }
            state.fetching = fetching
            return (stale, fetching)
        }
        guard let fetching else { return try self.require(usable) }
        switch await fetching.value {
        case .success(let credentials): return credentials
        case .failure(let error):
            guard let usable else { throw error }
            return usable
        }
    }

    /// Makes the next request fetch credentials, because the store no longer takes these. Returns whether there is any
    /// hope that it helps.
    package func forget(_ credentials: S3Credentials) -> Bool {
        self.state.withLock { state in
            guard state.credentials == credentials else { return true }
            state.credentials = nil
            return credentials.expiry != nil
        }
    }

    private func fetch() async -> Result<S3Credentials, MartletError> {
        let result: Result<S3Credentials, MartletError>
        do throws(MartletError) {
            result = .success(try self.require(try await self.source.find()))
        } catch {
            result = .failure(error)
        }
        self.state.withLock { state in
            state.fetching = nil
            if case .success(let credentials) = result { state.credentials = credentials }
        }
        return result
    }

    private func require(_ credentials: S3Credentials?) throws(MartletError) -> S3Credentials {
        if let credentials { return credentials }
        throw MartletError(
            .unavailable,
            "there are no credentials for the object store; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or "
                + "AWS_PROFILE (asked: \(self.source.name))"
        )
    }
}

extension S3Credentials {
    fileprivate func lasts(from now: Timestamp, _ milliseconds: Int64) -> Bool {
        self.expiry.map { $0.milliseconds - now.milliseconds > milliseconds } ?? true
    }
}

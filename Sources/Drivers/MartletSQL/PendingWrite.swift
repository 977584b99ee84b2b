package import MartletCore

/// A write that waits for its turn, whose result type is known only to itself.
package protocol PendingWrite: Sendable, AnyObject {
    var scope: WriteScope { get }
    /// Since when its caller waits.
    var askedAt: ContinuousClock.Instant { get }
    /// Why the body failed when it ran last.
    var failure: MartletError? { get }
    /// Runs the body and returns whether it succeeded.
    func perform(on connection: any Connection) -> Bool
    /// Makes the write fail, although its body succeeded.
    func fail(_ error: MartletError)
    /// Answers the caller: with its own result, or with what made its whole group fail.
    func finish(_ groupFailure: MartletError?)
}

/// The write of one caller that is suspended until it is answered.
///
/// `@unchecked Sendable`: handed from the caller to a driver's thread once, then used only there.
package final class SuspendedWrite<Value: Sendable>: PendingWrite, @unchecked Sendable {
    package let scope: WriteScope
    package let askedAt = ContinuousClock.now
    private let body: @Sendable (any Connection) throws(MartletError) -> Value
    private let continuation: CheckedContinuation<Result<Value, MartletError>, Never>
    private var result: Result<Value, MartletError>?

    private init(
        scope: WriteScope,
        body: @Sendable @escaping (any Connection) throws(MartletError) -> Value,
        continuation: CheckedContinuation<Result<Value, MartletError>, Never>
    ) {
        self.scope = scope
        self.body = body
        self.continuation = continuation
    }

    /// Suspends the caller, hands its write to `submit`, and returns what the write was answered with.
    package static func run(
        _ scope: WriteScope,
        _ body: @Sendable @escaping (any Connection) throws(MartletError) -> Value,
        submit: (any PendingWrite) -> Void
    ) async throws(MartletError) -> Value {
        let result: Result<Value, MartletError> = await withCheckedContinuation { continuation in
            submit(SuspendedWrite(scope: scope, body: body, continuation: continuation))
        }
        return try result.get()
    }

    package func perform(on connection: any Connection) -> Bool {
        do throws(MartletError) {
            self.result = .success(try self.body(connection))
            return true
        } catch {
            self.result = .failure(error)
            return false
        }
    }

    package var failure: MartletError? {
        if case .failure(let error) = self.result { error } else { nil }
    }

    package func fail(_ error: MartletError) {
        self.result = .failure(error)
    }

    package func finish(_ groupFailure: MartletError?) {
        if let groupFailure {
            self.continuation.resume(returning: .failure(groupFailure))
        } else if let result {
            self.continuation.resume(returning: result)
        } else {
            preconditionFailure("a write was finished without having been performed")
        }
    }
}

import MartletCore

/// Returns what `body` returns or throws, or `nil` when that takes longer than `limit`; nobody waits for it then.
func result<Value: Sendable>(
    within limit: Duration,
    of body: @escaping @Sendable () async throws(MartletError) -> Value
) async -> Result<Value, MartletError>? {
    let (results, answer) = AsyncStream.makeStream(of: Result<Value, MartletError>.self)
    Task {
        do throws(MartletError) { answer.yield(.success(try await body())) } catch { answer.yield(.failure(error)) }
        answer.finish()
    }
    let timer = Task {
        try await Task.sleep(for: limit)
        answer.finish()
    }
    defer { timer.cancel() }
    return await results.first { _ in true }
}

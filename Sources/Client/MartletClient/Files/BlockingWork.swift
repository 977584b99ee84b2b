import NIOPosix

/// Runs `body`, which blocks its thread, where that holds up nobody.
func blocking<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await NIOThreadPool.singleton.runIfActive(body)
}

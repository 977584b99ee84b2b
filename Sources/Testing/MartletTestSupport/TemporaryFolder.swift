import FoundationEssentials

/// Lends the path of a folder that does not exist yet, and removes whatever was made there.
///
/// - Parameter parent: On the file system to be tested; without one the system's place for such folders.
package func withTemporaryFolder<Value>(
    in parent: String? = nil,
    _ body: (String) async throws -> Value
) async throws -> Value {
    let parent = parent ?? FileManager.default.temporaryDirectory.path
    let path = "\(parent)/martlet-test-\(UUID().uuidString)"
    // A folder that cannot be removed harms no later test: each has a name of its own.
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try await body(path)
}

/// Closes one thing after the other, all of them, and throws what went wrong first.
package func closeAll(_ steps: (() async throws(MartletError) -> Void)...) async throws(MartletError) {
    var failure: MartletError?
    for close in steps {
        do throws(MartletError) {
            try await close()
        } catch {
            failure = failure ?? error
        }
    }
    if let failure { throw failure }
}

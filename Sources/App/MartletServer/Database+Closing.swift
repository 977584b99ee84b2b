import MartletCore
import MartletSQL

extension Database {
    /// Closes the database when what needs it cannot be made.
    func closingOnFailure<Value: AnyObject>(
        _ make: () async throws(MartletError) -> Value
    ) async throws(MartletError) -> Value {
        do throws(MartletError) {
            return try await make()
        } catch {
            // What went wrong first is what to tell.
            try? await self.close()
            throw error
        }
    }
}

package import MartletCore

/// The code of the error that `body` throws; `nil` when it throws none.
package func errorCode(of body: () async throws -> Void) async throws -> MartletError.Code? {
    do {
        try await body()
        return nil
    } catch let error as MartletError {
        return error.code
    }
}

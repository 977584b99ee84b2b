public import MartletWire

extension MartletClient {
    /// Shows the processes that the server runs for versions.
    ///
    /// - Parameters:
    ///   - model: Only of its versions.
    ///   - lines: How much of what each has said lately.
    public func backends(
        ofModel model: String? = nil,
        lines: Int? = nil
    ) async throws(MartletClientError) -> BackendList {
        try await translatingErrors {
            let call = ServerCall(.get, ["backends"]).asking("model", model).asking("lines", lines.map(String.init))
            return try await self.server.read(call)
        }
    }
}

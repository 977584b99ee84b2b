import AsyncHTTPClient
import NIOCore

/// Talks to one Martlet server.
///
/// All methods may be called at the same time, from any task. Each throws a ``MartletClientError`` and nothing else.
/// A method that only reads can be repeated without harm; the others say what a repetition does.
///
/// Close a client when you are done with it, or use ``withMartletClient(url:actor:_:)``, which does.
public struct MartletClient: Sendable {
    /// The address of the server, as it was given.
    public let url: String
    let server: ServerConnection

    /// Makes a client; nothing is sent yet.
    ///
    /// - Parameters:
    ///   - url: As in `http://127.0.0.1:5000`, or `http+unix://%2Frun%2Fmartlet.sock` for a Unix socket.
    ///   - actor: Who acts; the server writes it into its history.
    public init(url: String, actor: String? = nil) throws(MartletClientError) {
        self.url = url
        self.server = try ServerConnection(url: url, actor: actor)
    }

    /// Closes all connections. To be called once, when nothing is under way any more.
    public func close() async throws(MartletClientError) {
        try await translatingErrors { try await self.server.shutDown() }
    }
}

/// Lends a client, and closes it when `body` is over.
public func withMartletClient<Value: Sendable>(
    url: String,
    actor: String? = nil,
    _ body: (MartletClient) async throws -> Value
) async throws -> Value {
    let client = try MartletClient(url: url, actor: actor)
    do {
        let value = try await body(client)
        try await client.close()
        return value
    } catch {
        // What went wrong first is what to tell.
        try? await client.close()
        throw error
    }
}

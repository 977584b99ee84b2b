package import NIOCore

/// Where the body of a streamed request is written to.
package struct Upload: Sendable {
    let call: ProxyCall

    /// Passes a piece on, and returns when the next one may come.
    ///
    /// - Returns: `false` when no more is wanted: the backend is gone, or has answered already.
    package func write(_ piece: ByteBuffer) async -> Bool {
        await withCheckedContinuation { writer in
            self.call.onConnection { connection in
                guard let connection else { return writer.resume(returning: false) }
                connection.upload(piece, writer)
            }
        }
    }

    /// Says that this was all.
    package func finish() {
        self.call.onConnection { $0?.endUpload() }
    }

    /// Says that the rest will never come: whatever is under way ends.
    package func abort() {
        self.call.cancel()
    }
}

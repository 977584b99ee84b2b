package import Hummingbird
package import MartletCore
package import NIOCore

extension Request {
    /// Whether the head says that a body follows (RFC 9112, section 6).
    package var announcesBody: Bool {
        self.headers[.transferEncoding] != nil || self.headers[.contentLength].map { $0 != "0" } ?? false
    }

    /// Reads a whole body that is known to be small.
    ///
    /// - Throws: `limitExceeded` as soon as it is known to be longer than `bytesMax`.
    package func wholeBody(bytesMax: Int) async throws(MartletError) -> ByteBuffer {
        if let declared = self.headers[.contentLength].flatMap(Int.init), declared > bytesMax {
            throw .bodyTooLong(bytesMax: bytesMax)
        }
        do {
            return try await self.body.collect(upTo: bytesMax)
        } catch is NIOTooManyBytesError {
            throw .bodyTooLong(bytesMax: bytesMax)
        } catch {
            throw MartletError(.unavailable, "the request's body did not arrive", cause: error)
        }
    }
}

extension MartletError {
    package static func bodyTooLong(bytesMax: Int) -> MartletError {
        MartletError(.limitExceeded, "the request's body is longer than \(bytesMax) bytes")
    }
}

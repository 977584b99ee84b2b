package import NIOCore
package import NIOHTTP1

/// What a backend said.
package struct ProxiedAnswer: Sendable {
    /// What comes after the head.
    package enum Body: Sendable {
        case whole(ByteBuffer)
        /// As it comes; to be read to its end, or cancelled.
        case streamed(AnswerStream)
    }

    package let status: HTTPResponseStatus
    package let headers: HTTPHeaders
    package let body: Body

    /// `nil` where the body is whole.
    package var stream: AnswerStream? {
        if case .streamed(let stream) = self.body { stream } else { nil }
    }

    /// Nothing where the body is streamed.
    package var wholeBody: ByteBuffer {
        if case .whole(let body) = self.body { body } else { ByteBuffer() }
    }
}

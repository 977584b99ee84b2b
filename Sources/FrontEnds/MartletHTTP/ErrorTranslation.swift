package import Hummingbird
package import Logging
package import MartletCore

/// Renders errors in one protocol's own words, and is the one place that logs them.
package struct ErrorTranslation: RouterMiddleware {
    package typealias Context = MartletRequestContext
    private let render: @Sendable (MartletError) -> Response

    package init(_ render: @escaping @Sendable (MartletError) -> Response) {
        self.render = render
    }

    package func handle(
        _ request: Request,
        context: MartletRequestContext,
        next: (Request, MartletRequestContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as MartletError {
            return self.answer(error, context)
        } catch let error as HTTPError {
            throw error
        } catch is CancellationError {
            return self.answer(MartletError(.unavailable, "the server is shutting down"), context)
        } catch {
            return self.answer(MartletError(.internal, "internal error", cause: error), context)
        }
    }

    private func answer(_ error: MartletError, _ context: MartletRequestContext) -> Response {
        switch error.code {
        case .internal, .integrity:
            context.logger.error("request failed", metadata: error.logMetadata)
        case .storageFull, .unavailable:
            context.logger.warning("request refused", metadata: error.logMetadata)
        default:
            context.logger.debug("request refused", metadata: error.logMetadata)
        }
        return self.render(error)
    }
}

extension MartletError {
    /// Everything we know, for operators only.
    package var logMetadata: Logger.Metadata {
        var metadata: Logger.Metadata = ["code": "\(self.code.rawValue)", "message": "\(self.message)"]
        if let constraint { metadata["constraint"] = "\(constraint)" }
        if let cause { metadata["cause"] = "\(cause)" }
        return metadata
    }
}

package import Hummingbird
import HTTPTypes
import Synchronization

/// Counts requests and how long they took, for Prometheus to collect.
///
/// One lock, held for a dictionary look-up; a request of ours costs a hundred times that.
package final class RequestMetrics: Sendable {
    /// What is counted together.
    package struct Key: Hashable, Sendable {
        let method: String
        let route: String
        let status: Int

        /// - Parameter route: The route's pattern, never the path: a client must not decide how many series there are.
        package init(method: String, route: String, status: Int) {
            self.method = method
            self.route = route
            self.status = status
        }
    }

    struct Series: Sendable {
        var count: UInt64 = 0
        var seconds: Double = 0
        /// Requests at most as long as each of ``RequestMetrics/bounds``.
        var buckets = [UInt64](repeating: 0, count: RequestMetrics.bounds.count)
    }

    /// Upper bounds of the histogram, in seconds.
    static let bounds: [Double] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10]

    private let series = Mutex<[Key: Series]>([:])

    package init() {}

    /// Counts a request.
    package func record(_ key: Key, seconds: Double) {
        self.series.withLock { series in
            series[key, default: Series()].add(seconds)
        }
    }

    /// The exposition text of all counts (Prometheus text format 0.0.4).
    package var prometheusText: String {
        let series = self.series.withLock { $0 }.sorted { $0.key.sortKey < $1.key.sortKey }
        var text = "# HELP martlet_http_request_seconds How long requests took, from head to the answer's head.\n"
        text += "# TYPE martlet_http_request_seconds histogram\n"
        for (key, series) in series {
            let labels = "method=\"\(key.method)\",route=\"\(key.route)\",status=\"\(key.status)\""
            for (bound, count) in zip(Self.bounds, series.buckets) {
                text += "martlet_http_request_seconds_bucket{\(labels),le=\"\(bound)\"} \(count)\n"
            }
            text += "martlet_http_request_seconds_bucket{\(labels),le=\"+Inf\"} \(series.count)\n"
            text += "martlet_http_request_seconds_sum{\(labels)} \(series.seconds)\n"
            text += "martlet_http_request_seconds_count{\(labels)} \(series.count)\n"
        }
        return text
    }
}

extension RequestMetrics.Key {
    fileprivate var sortKey: String { "\(self.route) \(self.method) \(self.status)" }
}

extension RequestMetrics.Series {
    fileprivate mutating func add(_ seconds: Double) {
        self.count += 1
        self.seconds += seconds
        for index in self.buckets.indices.reversed() {
            guard seconds <= RequestMetrics.bounds[index] else { break }
            self.buckets[index] += 1
        }
    }
}

/// Feeds ``RequestMetrics``.
package struct RequestMetricsMiddleware: RouterMiddleware {
    package typealias Context = MartletRequestContext
    private let metrics: RequestMetrics

    package init(_ metrics: RequestMetrics) {
        self.metrics = metrics
    }

    package func handle(
        _ request: Request,
        context: MartletRequestContext,
        next: (Request, MartletRequestContext) async throws -> Response
    ) async throws -> Response {
        let start = ContinuousClock.now
        do {
            let response = try await next(request, context)
            self.record(request, context, Int(response.status.code), since: start)
            return response
        } catch {
            self.record(
                request,
                context,
                (error as? any HTTPResponseError).map { Int($0.status.code) } ?? 500,
                since: start
            )
            throw error
        }
    }

    private func record(
        _ request: Request,
        _ context: MartletRequestContext,
        _ status: Int,
        since start: ContinuousClock.Instant
    ) {
        let key = RequestMetrics.Key(
            method: request.method.rawValue,
            route: context.endpointPath ?? "",
            status: status
        )
        self.metrics.record(key, seconds: (ContinuousClock.now - start) / .seconds(1))
    }
}

package import MartletCore
package import MartletSQL
package import MartletSearch

/// Everything that a run has logged of one metric.
package struct MetricHistoryService: Sendable {
    private let database: any Database

    package init(database: any Database) {
        self.database = database
    }

    /// Returns points by time, then step, then value.
    ///
    /// - Parameter limit: `nil` for all of them.
    package func history(
        of key: String,
        in id: RunID,
        limit: Int?,
        after position: [PageToken.Field]?
    ) async throws(MartletError) -> Page<MetricPoint> {
        guard position == nil || position?.count == HistoryQueries.positionFieldCount else { throw .foreignPosition }
        return try await self.database.read(.search) { db throws(MartletError) in
            guard let row = try db.queryOne(RunQueries.findHandle(id)) else { return Page(items: [], next: nil) }
            let statement = HistoryQueries.history(row.integer(0), key, limit: limit, after: position)
            return HistoryQueries.page(try db.query(statement), limit: limit)
        }
    }

    /// Returns points of several runs: by run id, then as ``history(of:in:limit:after:)``.
    ///
    /// - Parameter limit: Of all runs together.
    package func histories(
        of key: String,
        in ids: [RunID],
        limit: Int
    ) async throws(MartletError) -> [(run: RunID, points: [MetricPoint])] {
        try await self.database.read(.search) { db throws(MartletError) in
            var histories: [(run: RunID, points: [MetricPoint])] = []
            var rest = limit
            for id in Set(ids).sorted(by: { $0.rawValue < $1.rawValue }) where rest > 0 {
                guard let row = try db.queryOne(RunQueries.findHandle(id)) else { continue }
                let rows = try db.query(HistoryQueries.history(row.integer(0), key, limit: rest, after: nil))
                histories.append((id, HistoryQueries.page(rows, limit: rest).items))
                rest -= histories[histories.count - 1].points.count
            }
            return histories
        }
    }

    /// Returns an even sample of a metric by step, with its first and its last point.
    ///
    /// Cuts the points into `count` equal buckets and takes the first of each; the last point of all takes
    /// the place of the last one taken.
    ///
    /// - Parameter steps: Only points of these steps; `nil` for all.
    package func sample(
        of key: String,
        in id: RunID,
        count: Int,
        steps: ClosedRange<Int64>?
    ) async throws(MartletError) -> [MetricPoint] {
        try await self.database.read(.search) { db throws(MartletError) in
            guard let run = try db.queryOne(RunQueries.findHandle(id)) else { throw .runNotFound(id) }
            let total = try db.queryOne(HistoryQueries.count(run.integer(0), key, steps: steps))?.integer(0) ?? 0
            let positions = Self.bucketStarts(of: Int(total), buckets: count).map { Int64($0 + 1) }
            return try db.query(HistoryQueries.atPositions(positions, run.integer(0), key, steps: steps))
                .map(HistoryQueries.decode)
        }
    }

    /// The positions that ``sample(of:in:count:steps:)`` takes from `total` points.
    ///
    /// As SQL's NTILE: the first `total % buckets` buckets hold one point more than the others.
    static func bucketStarts(of total: Int, buckets: Int) -> [Int] {
        guard total > buckets else { return Array(0..<total) }
        let (size, larger) = total.quotientAndRemainder(dividingBy: buckets)
        var starts = (0..<buckets).map { $0 * size + min($0, larger) }
        starts[buckets - 1] = total - 1
        return starts
    }
}

import MartletCore
import MartletSQL
import MartletSearch

/// Reads of `metric_point`; its primary key is the order of a history.
enum HistoryQueries {
    private static let columns: SQL = "value, is_nan, step, logged_ms"

    /// How many fields a position in a history has.
    static let positionFieldCount = 4

    static func history(_ run: Int64, _ key: String, limit: Int?, after position: [PageToken.Field]?) -> SQL {
        var sql: SQL = """
            SELECT \(self.columns) FROM metric_point WHERE run_key = \(run) AND key = \(key)
            """
        if let position {
            sql.append(
                """
                 AND (logged_ms, step, value, is_nan)
                    > (\(position[0]), \(position[1]), \(position[2]), \(position[3]))
                """
            )
        }
        sql.append(" ORDER BY logged_ms, step, value, is_nan")
        if let limit { sql.append(" LIMIT \(limit + 1)") }
        return sql
    }

    static func count(_ run: Int64, _ key: String, steps: ClosedRange<Int64>?) -> SQL {
        "SELECT count(*) FROM metric_point WHERE \(self.condition(run, key, steps))"
    }

    /// The points at some positions of the order by step; the database numbers them, so that only
    /// those asked for are read into memory.
    static func atPositions(
        _ positions: [Int64],
        _ run: Int64,
        _ key: String,
        steps: ClosedRange<Int64>?
    ) -> SQL {
        """
        SELECT \(self.columns) FROM (
            SELECT \(self.columns), row_number() OVER (ORDER BY step, logged_ms, value, is_nan) AS position
            FROM metric_point WHERE \(self.condition(run, key, steps))
        ) AS numbered
        WHERE position \(isAnyOf: positions) ORDER BY position
        """
    }

    private static func condition(_ run: Int64, _ key: String, _ steps: ClosedRange<Int64>?) -> SQL {
        let range: SQL = if let steps { " AND step BETWEEN \(steps.lowerBound) AND \(steps.upperBound)" } else { "" }
        return "run_key = \(run) AND key = \(key)\(range)"
    }

    /// Cuts off the row beyond `limit` that says that there is another page.
    static func page(_ rows: SQLRows, limit: Int?) -> Page<MetricPoint> {
        let count = min(rows.count, limit ?? .max)
        var points: [MetricPoint] = []
        points.reserveCapacity(count)
        for index in 0..<count { points.append(self.decode(rows[index])) }
        guard rows.count > count, count > 0 else { return Page(items: points, next: nil) }
        let last = rows[count - 1]
        let next: [PageToken.Field] = [
            .integer(last.integer(3)), .integer(last.integer(2)), .real(last.real(0)), .integer(last.integer(1)),
        ]
        return Page(items: points, next: next)
    }

    static func decode(_ row: SQLRow) -> MetricPoint {
        MetricPoint(
            value: row.bool(1) ? .nan : row.real(0),
            step: row.integer(2),
            loggedAt: Timestamp(milliseconds: row.integer(3))
        )
    }
}

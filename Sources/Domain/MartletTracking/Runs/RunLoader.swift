import MartletCore
import MartletSQL

/// Completes runs with what they logged: one query for each kind of thing and a thousand runs.
enum RunLoader {
    /// Bounds what one query returns: the largest page has fifty times as many runs.
    private static let runsPerQuery = 1_000

    static func load(
        _ found: [(key: Int64, info: Run.Info)],
        from db: any Connection
    ) throws(MartletError) -> [Run] {
        var runs: [Run] = []
        runs.reserveCapacity(found.count)
        for start in stride(from: 0, to: found.count, by: Self.runsPerQuery) {
            runs += try self.loadPart(found[start..<min(start + Self.runsPerQuery, found.count)], from: db)
        }
        return runs
    }

    private static func loadPart(
        _ found: ArraySlice<(key: Int64, info: Run.Info)>,
        from db: any Connection
    ) throws(MartletError) -> [Run] {
        var runs = found.map { Run(info: $0.info) }
        let keys = found.map(\.key)
        let positions = Dictionary(uniqueKeysWithValues: zip(keys, keys.indices))
        let rows = try db.query(all: [
            self.metrics(keys), self.params(keys), self.tags(keys), self.modelInputs(keys), self.modelOutputs(keys),
            InputQueries.datasetKeys(of: keys),
        ])
        self.each(rows[0], positions) { runs[$0].metrics.append(self.metric($1)) }
        self.each(rows[1], positions) { runs[$0].params.append(Param(key: $1.text(1), value: $1.text(2))) }
        self.each(rows[2], positions) { runs[$0].tags.append(Tag(key: $1.text(1), value: $1.text(2))) }
        self.each(rows[3], positions) { runs[$0].modelInputs.append(LoggedModelID(trusted: $1.text(1))) }
        self.each(rows[4], positions) {
            let output = ModelOutput(modelID: LoggedModelID(trusted: $1.text(1)), step: $1.integer(2))
            runs[$0].modelOutputs.append(output)
        }
        try self.loadDatasets(rows[5], keys, positions, into: &runs, from: db)
        return runs
    }

    /// Hands each row to the run whose key is in the row's first column.
    private static func each(_ rows: SQLRows, _ positions: [Int64: Int], _ body: (Int, SQLRow) -> Void) {
        for row in rows {
            if let position = positions[row.integer(0)] { body(position, row) }
        }
    }

    private static func loadDatasets(
        _ inputs: SQLRows,
        _ keys: [Int64],
        _ positions: [Int64: Int],
        into runs: inout [Run],
        from db: any Connection
    ) throws(MartletError) {
        guard !inputs.isEmpty else { return }
        var datasets: [Int64: Dataset] = [:]
        for row in try db.query(InputQueries.datasets(Array(Set(inputs.map { $0.integer(1) })))) {
            datasets[row.integer(0)] = InputQueries.decode(row)
        }
        var tags: [InputQueries.InputKey: [Tag]] = [:]
        for row in try db.query(InputQueries.datasetTags(of: keys)) {
            let key = InputQueries.InputKey(run: row.integer(0), dataset: row.integer(1))
            tags[key, default: []].append(Tag(key: row.text(2), value: row.text(3)))
        }
        for row in inputs {
            let key = InputQueries.InputKey(run: row.integer(0), dataset: row.integer(1))
            guard let position = positions[key.run], let dataset = datasets[key.dataset] else { continue }
            runs[position].datasetInputs.append(DatasetInput(dataset: dataset, tags: tags[key] ?? []))
        }
    }
}

extension RunLoader {
    private static func metrics(_ keys: [Int64]) -> SQL {
        """
        SELECT run_key, key, value, is_nan, step, logged_ms FROM metric
        WHERE run_key \(isAnyOf: keys) ORDER BY run_key, key
        """
    }

    private static func params(_ keys: [Int64]) -> SQL {
        "SELECT run_key, key, value FROM param WHERE run_key \(isAnyOf: keys) ORDER BY run_key, key"
    }

    private static func tags(_ keys: [Int64]) -> SQL {
        "SELECT run_key, key, value FROM run_tag WHERE run_key \(isAnyOf: keys) ORDER BY run_key, key"
    }

    private static func modelInputs(_ keys: [Int64]) -> SQL {
        "SELECT run_key, model_id FROM run_model_input WHERE run_key \(isAnyOf: keys) ORDER BY run_key, model_id"
    }

    private static func modelOutputs(_ keys: [Int64]) -> SQL {
        """
        SELECT run_key, model_id, step FROM run_model_output
        WHERE run_key \(isAnyOf: keys) ORDER BY run_key, model_id
        """
    }

    private static func metric(_ row: SQLRow) -> Metric {
        Metric(
            key: row.text(1),
            point: MetricPoint(
                value: row.bool(3) ? .nan : row.real(2),
                step: row.integer(4),
                loggedAt: Timestamp(milliseconds: row.integer(5))
            )
        )
    }
}

import MartletCore
import MartletSQL

extension PostgresConnection {
    /// How many values are sent before the answers are read: both sides keep what the other has not.
    private static let valuesPerRound = 10_000

    func execute(_ batch: SQLBatch) throws(MartletError) {
        try self.executeLater(batch)
        try self.receive()
    }

    func executeLater(_ batch: SQLBatch) throws(MartletError) {
        guard !batch.isEmpty else { return }
        let statements = try self.prepared(batch)
        var start = 0
        var sent = 0
        while start < batch.rowCount {
            let count = try self.send(batch, from: start, statements)
            start += count
            sent += count * batch.columnCount
            if sent >= Self.valuesPerRound {
                sent = 0
                try self.receive()
            }
        }
    }

    /// Sends as many of the remaining rows as one statement can take, and returns how many.
    private func send(_ batch: SQLBatch, from start: Int, _ statements: PreparedBatch) throws(MartletError) -> Int {
        let limit = max(1, Self.valuesPerRound / batch.columnCount)
        let count = statements.several?.insert.rows(of: batch, from: start, atMost: limit) ?? 1
        guard count > 1, let (_, statement) = statements.several else {
            let row = batch.values[start * batch.columnCount..<(start + 1) * batch.columnCount]
            try self.send(statements.single, batch.constants + row, keepsResult: false)
            return 1
        }
        var parameters = PostgresParameters()
        let constantCount = batch.constants.count
        for (value, type) in zip(batch.constants, statement.parameterTypes) { try parameters.append(value, as: type) }
        for column in 0..<batch.columnCount {
            let type = statements.single.parameterTypes[constantCount + column]
            try parameters.append(column: column, of: batch, rows: start..<start + count, as: type)
        }
        try self.send(statement, parameters, keepsResult: false)
        return count
    }
}

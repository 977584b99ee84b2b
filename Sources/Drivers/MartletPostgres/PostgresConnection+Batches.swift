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
        var start = 0
        var sent = 0
        while start < batch.values.count {
            let (statement, rows) = try self.prepared(batch, from: start)
            let end = start + rows * batch.columnCount
            try self.send(statement, batch, start..<end)
            sent += end - start
            start = end
            if sent >= Self.valuesPerRound {
                sent = 0
                try self.receive()
            }
        }
    }

    /// The statement that takes as many of the remaining rows as it can.
    private func prepared(
        _ batch: SQLBatch,
        from start: Int
    ) throws(MartletError) -> (PreparedStatement, rows: Int) {
        let remaining = (batch.values.count - start) / batch.columnCount
        for rows in MultiRowInsert.sizes where rows <= remaining {
            if let statement = try self.prepared(batch.text, rows: rows) { return (statement, rows) }
        }
        preconditionFailure("a batch has a part of a row")
    }

    /// Sends rows, each after the constants.
    private func send(
        _ statement: PreparedStatement,
        _ batch: SQLBatch,
        _ values: Range<Int>
    ) throws(MartletError) {
        var parameters = PostgresParameters()
        var types = statement.parameterTypes.makeIterator()
        for start in stride(from: values.lowerBound, to: values.upperBound, by: batch.columnCount) {
            for value in batch.constants { try parameters.append(value, as: types.next()) }
            for value in batch.values[start..<start + batch.columnCount] {
                try parameters.append(value, as: types.next())
            }
        }
        precondition(types.next() == nil, "a statement has another number of bindings than values")
        try self.send(statement, parameters, keepsResult: false)
    }
}

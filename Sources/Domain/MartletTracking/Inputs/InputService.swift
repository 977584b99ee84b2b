package import MartletCore
package import MartletSQL

/// What runs read and write: datasets and models.
package struct InputService: Sendable {
    /// A dataset as it is known in an experiment.
    package struct Summary: Sendable, Hashable {
        package var experimentID: ExperimentID
        package var name: String
        package var digest: String
        /// What it was used for, as in `training`; `nil` when no run said so.
        package var context: String?
    }

    private let database: any Database

    package init(database: any Database) {
        self.database = database
    }

    /// Records what a run reads. What is recorded already stays as it is.
    package func logInputs(
        datasets: [DatasetInput],
        models: [LoggedModelID],
        of id: RunID
    ) async throws(MartletError) {
        try await self.database.write(.only(.run(id))) { db throws(MartletError) in
            let run = try RunHandle.findActive(id, on: db)
            for input in datasets {
                try Self.log(input, of: run, on: db)
            }
            for model in models {
                try db.execute(InputQueries.linkInput(model, to: run.key))
            }
        }
    }

    /// Records which models a run has produced.
    package func logOutputs(_ outputs: [ModelOutput], of id: RunID) async throws(MartletError) {
        try await self.database.write(.only(.run(id))) { db throws(MartletError) in
            let run = try RunHandle.findActive(id, on: db)
            for output in outputs {
                try db.execute(InputQueries.linkOutput(output, to: run.key))
            }
        }
    }

    package func summaries(of experiments: [ExperimentID], limit: Int) async throws(MartletError) -> [Summary] {
        try await self.database.read(.search) { db throws(MartletError) in
            try db.query(InputQueries.summaries(of: experiments, limit: limit)).map { row in
                Summary(
                    experimentID: ExperimentID(row.integer(0)),
                    name: row.text(1),
                    digest: row.text(2),
                    context: row.optionalText(3)
                )
            }
        }
    }

    /// Returns runs that read a dataset, by its name or its digest, in the transaction of another domain.
    package static func runs(
        reading dataset: String,
        limit: Int,
        on db: any Connection
    ) throws(MartletError) -> [(runID: RunID, name: String, digest: String, context: String)] {
        try db.query(InputQueries.runs(reading: dataset, limit: limit)).map { row in
            (RunID(trusted: row.text(0)), row.text(1), row.text(2), row.optionalText(3) ?? "")
        }
    }

    /// Datasets are shared by runs: their unique key decides which of two writes is the first, and the other one finds
    /// what it has stored.
    private static func log(_ input: DatasetInput, of run: RunHandle, on db: any Connection) throws(MartletError) {
        try db.execute(InputQueries.insert(input.dataset, into: run.experimentID))
        guard let row = try db.queryOne(InputQueries.find(input.dataset, in: run.experimentID)) else {
            throw MartletError(.internal, "a dataset that was just stored is gone")
        }
        guard try db.execute(InputQueries.link(row.integer(0), to: run.key)) > 0 else { return }
        for tag in input.tags {
            try db.execute(InputQueries.tag(tag, row.integer(0), of: run.key))
        }
    }
}

import MartletCore
import MartletSQL

/// Every statement that touches what runs read and write: datasets and models.
enum InputQueries {
    /// Identifies one dataset as the input of one run.
    struct InputKey: Hashable {
        let run: Int64
        let dataset: Int64
    }

    static func datasetKeys(of runs: [Int64]) -> SQL {
        """
        SELECT run_key, dataset_key FROM run_dataset
        WHERE run_key \(isAnyOf: runs) ORDER BY run_key, dataset_key
        """
    }

    /// Apart from ``datasetKeys(of:)``, since many runs read the same dataset, whose schema may be long.
    static func datasets(_ keys: [Int64]) -> SQL {
        """
        SELECT dataset_key, name, digest, source_type, source, schema_text, profile
        FROM dataset WHERE dataset_key \(isAnyOf: keys)
        """
    }

    static func datasetTags(of runs: [Int64]) -> SQL {
        """
        SELECT run_key, dataset_key, key, value FROM run_dataset_tag
        WHERE run_key \(isAnyOf: runs) ORDER BY run_key, dataset_key, key
        """
    }

    static func decode(_ row: SQLRow) -> Dataset {
        Dataset(
            name: row.text(1),
            digest: row.text(2),
            sourceType: row.text(3),
            source: row.text(4),
            schema: row.optionalText(5),
            profile: row.optionalText(6)
        )
    }

    static func insert(_ dataset: Dataset, into experiment: ExperimentID) -> SQL {
        """
        INSERT INTO dataset (experiment_id, name, digest, source_type, source, schema_text, profile)
        VALUES (
            \(experiment), \(dataset.name), \(dataset.digest), \(dataset.sourceType), \(dataset.source),
            \(dataset.schema), \(dataset.profile)
        ) ON CONFLICT DO NOTHING
        """
    }

    static func find(_ dataset: Dataset, in experiment: ExperimentID) -> SQL {
        """
        SELECT dataset_key FROM dataset
        WHERE experiment_id = \(experiment) AND name = \(dataset.name) AND digest = \(dataset.digest)
        """
    }

    static func link(_ dataset: Int64, to run: Int64) -> SQL {
        "INSERT INTO run_dataset (run_key, dataset_key) VALUES (\(run), \(dataset)) ON CONFLICT DO NOTHING"
    }

    static func tag(_ tag: Tag, _ dataset: Int64, of run: Int64) -> SQL {
        """
        INSERT INTO run_dataset_tag (run_key, dataset_key, key, value)
        VALUES (\(run), \(dataset), \(tag.key), \(tag.value)) ON CONFLICT DO NOTHING
        """
    }

    static func linkInput(_ model: LoggedModelID, to run: Int64) -> SQL {
        "INSERT INTO run_model_input (run_key, model_id) VALUES (\(run), \(model)) ON CONFLICT DO NOTHING"
    }

    static func linkOutput(_ output: ModelOutput, to run: Int64) -> SQL {
        """
        INSERT INTO run_model_output (run_key, model_id, step) VALUES (\(run), \(output.modelID), \(output.step))
        ON CONFLICT (run_key, model_id) DO UPDATE SET step = excluded.step
        """
    }

    /// The runs that read a dataset, by its name or its digest, with what they used it for.
    static func runs(reading dataset: String, limit: Int) -> SQL {
        """
        SELECT r.run_id, d.name, d.digest, t.value
        FROM dataset d JOIN run_dataset i ON i.dataset_key = d.dataset_key JOIN run r ON r.run_key = i.run_key
        LEFT JOIN run_dataset_tag t
            ON t.run_key = i.run_key AND t.dataset_key = i.dataset_key AND t.key = 'mlflow.data.context'
        WHERE d.dataset_key IN (
            SELECT dataset_key FROM dataset WHERE name = \(dataset)
            UNION SELECT dataset_key FROM dataset WHERE digest = \(dataset)
        ) AND r.deleted_ms IS NULL
        ORDER BY d.name, d.digest, r.started_ms, r.run_id LIMIT \(limit)
        """
    }

    /// The datasets used in some experiments, each with every context it was used in.
    static func summaries(of experiments: [ExperimentID], limit: Int) -> SQL {
        """
        SELECT DISTINCT d.experiment_id, d.name, d.digest, t.value
        FROM dataset d JOIN run_dataset i ON i.dataset_key = d.dataset_key
        LEFT JOIN run_dataset_tag t
            ON t.run_key = i.run_key AND t.dataset_key = i.dataset_key AND t.key = 'mlflow.data.context'
        WHERE d.experiment_id \(isAnyOf: experiments.map(\.rawValue))
        ORDER BY d.experiment_id, d.name, d.digest, t.value LIMIT \(limit)
        """
    }
}

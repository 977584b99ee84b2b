import MartletCore
import MartletJSON
import MartletRouting
import MartletSQL
import MartletStatistics

/// Every statement that touches experiments of deployments.
enum ExperimentQueries {
    private static let columns: SQL = """
        experiment_key, deployment_key, number, plan, first_revision, actor, reason, started_ms, entry_index,
        stop_actor, stop_reason, stopped_ms, stop_entry_index
        """

    static func insert(_ experiment: DeploymentExperiment) -> SQL {
        """
        INSERT INTO deployment_experiment (
            deployment_key, number, plan, first_revision, actor, reason, started_ms, entry_index
        ) VALUES (
            \(experiment.deploymentKey), \(experiment.number), \(experiment.design.json.text),
            \(experiment.firstRevision), \(experiment.act.actor.rawValue), \(experiment.act.reason),
            \(experiment.startedAt), \(experiment.entry)
        ) RETURNING \(self.columns)
        """
    }

    static func stop(_ key: Int64, _ end: DeploymentExperiment.End) -> SQL {
        """
        UPDATE deployment_experiment SET stop_actor = \(end.act.actor.rawValue), stop_reason = \(end.act.reason),
            stopped_ms = \(end.at), stop_entry_index = \(end.entry)
        WHERE experiment_key = \(key)
        """
    }

    /// The one under way.
    static func underWay(in deploymentKey: Int64) -> SQL {
        """
        SELECT \(self.columns) FROM deployment_experiment
        WHERE deployment_key = \(deploymentKey) AND stopped_ms IS NULL
        """
    }

    static func find(_ number: Int64, in deploymentKey: Int64) -> SQL {
        """
        SELECT \(self.columns) FROM deployment_experiment
        WHERE deployment_key = \(deploymentKey) AND number = \(number)
        """
    }

    /// The newest first.
    static func list(in deploymentKey: Int64, before number: Int64, limit: Int) -> SQL {
        """
        SELECT \(self.columns) FROM deployment_experiment
        WHERE deployment_key = \(deploymentKey) AND number < \(number) ORDER BY number DESC LIMIT \(limit)
        """
    }

    /// The deployments that have one under way.
    static let deploymentsUnderWay: SQL = "SELECT deployment_key FROM deployment_experiment WHERE stopped_ms IS NULL"

    static func decode(_ row: SQLRow) throws(MartletError) -> DeploymentExperiment {
        var end: DeploymentExperiment.End?
        if let at = row.optionalInteger(11) {
            end = DeploymentExperiment.End(
                act: Act(by: ActorName(trusted: row.text(9)), reason: row.optionalText(10)),
                at: Timestamp(milliseconds: at),
                entry: row.integer(12)
            )
        }
        return DeploymentExperiment(
            key: row.integer(0),
            deploymentKey: row.integer(1),
            number: row.integer(2),
            design: try ExperimentDesign(stored: row.text(3)),
            firstRevision: row.integer(4),
            act: Act(by: ActorName(trusted: row.text(5)), reason: row.optionalText(6)),
            startedAt: Timestamp(milliseconds: row.integer(7)),
            entry: row.integer(8),
            end: end
        )
    }
}

/// What is added up.
extension ExperimentQueries {
    /// Adds those units that are not there yet, and returns which those are.
    ///
    /// - Parameter units: None twice, with their arms.
    static func insert(_ units: [(unit: [UInt8], arm: Int)], of key: Int64) -> SQL {
        // PostgreSQL infers no types where there are several rows.
        let rows = units.map { unit in
            """
            (CAST(\(key) AS \(.int64)), CAST(\(SQLValue.bytes(unit.unit)) AS \(.bytes)), CAST(\(unit.arm) AS \(.int64)))
            """ as SQL
        }
        return """
            INSERT INTO experiment_unit (experiment_key, unit, arm) VALUES \(rows.joined(by: ", "))
            ON CONFLICT (experiment_key, unit) DO NOTHING RETURNING unit
            """
    }

    static func arm(of unit: [UInt8], in key: Int64) -> SQL {
        "SELECT arm FROM experiment_unit WHERE experiment_key = \(key) AND unit = \(SQLValue.bytes(unit))"
    }

    /// Changes no row when an outcome of the unit was counted before.
    static func insert(_ metric: String, of unit: [UInt8], in key: Int64) -> SQL {
        """
        INSERT INTO experiment_outcome (experiment_key, unit, metric)
        VALUES (\(key), \(SQLValue.bytes(unit)), \(metric)) ON CONFLICT (experiment_key, unit, metric) DO NOTHING
        """
    }

    /// The same for several units, of those that belong to an arm; returns whose outcome is the first.
    ///
    /// - Parameter units: None twice.
    static func insert(
        _ metric: String,
        ofUnits units: some Collection<[UInt8]>,
        at arm: Int,
        in key: Int64
    ) -> SQL {
        let values = units.map { "\(SQLValue.bytes($0))" as SQL }
        return """
            INSERT INTO experiment_outcome (experiment_key, unit, metric)
            SELECT experiment_key, unit, CAST(\(metric) AS TEXT) FROM experiment_unit
            WHERE experiment_key = \(key) AND arm = \(arm) AND unit IN (\(values.joined(by: ", ")))
            ON CONFLICT (experiment_key, unit, metric) DO NOTHING RETURNING unit
            """
    }

    static func add(_ count: Int64, to place: ExperimentSums.CountPlace, of key: Int64) -> SQL {
        """
        INSERT INTO experiment_count (experiment_key, revision, arm, units)
        VALUES (\(key), \(place.revision), \(place.arm), \(count))
        ON CONFLICT (experiment_key, revision, arm) DO UPDATE SET units = experiment_count.units + excluded.units
        """
    }

    static func summary(of place: ExperimentSums.SumPlace, in key: Int64) -> SQL {
        """
        SELECT summary FROM experiment_sum
        WHERE experiment_key = \(key) AND arm = \(place.arm) AND metric = \(place.metric)
        """
    }

    static func set(_ summary: OutcomeSummary, at place: ExperimentSums.SumPlace, of key: Int64) -> SQL {
        """
        INSERT INTO experiment_sum (experiment_key, arm, metric, summary)
        VALUES (\(key), \(place.arm), \(place.metric), \(SQLValue.bytes(summary.bytes)))
        ON CONFLICT (experiment_key, arm, metric) DO UPDATE SET summary = excluded.summary
        """
    }

    /// The experiments that have ended, also with their deployment, and still know who took part.
    static let remembering: SQL = """
        SELECT e.experiment_key, e.deployment_key FROM deployment_experiment e
        JOIN deployment d ON d.deployment_key = e.deployment_key
        WHERE (e.stopped_ms IS NOT NULL OR d.deleted_ms IS NOT NULL)
            AND EXISTS (SELECT 1 FROM experiment_unit u WHERE u.experiment_key = e.experiment_key)
        """

    /// Some who took part.
    static func units(of key: Int64, limit: Int) -> SQL {
        "SELECT unit FROM experiment_unit WHERE experiment_key = \(key) ORDER BY unit LIMIT \(limit)"
    }

    /// Forgets everybody up to a unit, and what of them was counted.
    static func forget(upTo unit: [UInt8], of key: Int64) -> [SQL] {
        [
            "DELETE FROM experiment_outcome WHERE experiment_key = \(key) AND unit <= \(SQLValue.bytes(unit))",
            "DELETE FROM experiment_unit WHERE experiment_key = \(key) AND unit <= \(SQLValue.bytes(unit))",
        ]
    }

    static func summaries(of key: Int64) -> SQL {
        "SELECT arm, metric, summary FROM experiment_sum WHERE experiment_key = \(key)"
    }

    static func counts(of key: Int64) -> SQL {
        "SELECT revision, arm, units FROM experiment_count WHERE experiment_key = \(key) ORDER BY revision, arm"
    }

    /// The answering arms of the revisions in which something was counted.
    static func shares(of experiment: DeploymentExperiment) -> SQL {
        """
        SELECT revision, name, digest, share FROM deployment_arm
        WHERE deployment_key = \(experiment.deploymentKey) AND role <> 'shadow' AND revision IN (
            SELECT revision FROM experiment_count WHERE experiment_key = \(experiment.key)
        )
        """
    }

    /// The arms of a revision in their order.
    static func arms(of revision: Int64, in deploymentKey: Int64) -> SQL {
        """
        SELECT name, digest FROM deployment_arm
        WHERE deployment_key = \(deploymentKey) AND revision = \(revision) ORDER BY position
        """
    }
}

import MartletCore
import MartletSQL
import MartletStatistics

/// What is counted by one row.
struct DriftPlace: Hashable {
    let deploymentKey: Int64
    /// Since 1970.
    let hour: Int64
    let revision: Int64
    /// The place of the arm in the revision.
    let arm: Int
    let feature: String
}

/// Every statement that touches the table of drift.
enum DriftQueries {
    static func counts(at place: DriftPlace) -> SQL {
        """
        SELECT counts FROM drift_count
        WHERE deployment_key = \(place.deploymentKey) AND hour = \(place.hour) AND revision = \(place.revision)
            AND arm = \(place.arm) AND feature = \(place.feature)
        """
    }

    static func set(_ counts: BinCounts, at place: DriftPlace) -> SQL {
        """
        INSERT INTO drift_count (deployment_key, hour, revision, arm, feature, counts)
        VALUES (
            \(place.deploymentKey), \(place.hour), \(place.revision), \(place.arm), \(place.feature),
            \(SQLValue.bytes(counts.bytes))
        )
        ON CONFLICT (deployment_key, hour, revision, arm, feature) DO UPDATE SET counts = excluded.counts
        """
    }

    static func forget(before hour: Int64, limit: Int) -> SQL {
        """
        DELETE FROM drift_count WHERE (deployment_key, hour, revision, arm, feature) IN (
            SELECT deployment_key, hour, revision, arm, feature FROM drift_count
            WHERE hour < \(hour) ORDER BY hour LIMIT \(limit)
        )
        """
    }

    /// The features of a version from an hour on, in whatever revisions.
    static func counts(ofVersion key: Int64, in deploymentKey: Int64, since hour: Int64) -> SQL {
        """
        SELECT c.feature, c.counts FROM drift_count c
        JOIN deployment_arm a ON a.deployment_key = c.deployment_key AND a.revision = c.revision AND a.position = c.arm
        WHERE c.deployment_key = \(deploymentKey) AND c.hour >= \(hour) AND a.version_key = \(key)
        """
    }

    /// One feature of one arm of a revision from an hour on.
    static func counts(
        of feature: String,
        revision: Int64,
        arm: Int,
        in deploymentKey: Int64,
        since hour: Int64
    ) -> SQL {
        """
        SELECT feature, counts FROM drift_count
        WHERE deployment_key = \(deploymentKey) AND hour >= \(hour) AND revision = \(revision) AND arm = \(arm)
            AND feature = \(feature)
        """
    }
}

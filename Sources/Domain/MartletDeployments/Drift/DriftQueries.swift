import MartletCore
import MartletSQL
import MartletStatistics

/// What is counted by one row.
struct DriftPlace: Hashable {
    let deploymentKey: Int64
    let versionKey: Int64
    let feature: String
    /// Since 1970.
    let hour: Int64
}

/// Every statement that touches the table of drift.
enum DriftQueries {
    static func counts(at place: DriftPlace) -> SQL {
        """
        SELECT counts FROM drift_count
        WHERE deployment_key = \(place.deploymentKey) AND version_key = \(place.versionKey)
            AND feature = \(place.feature) AND hour = \(place.hour)
        """
    }

    static func set(_ counts: BinCounts, at place: DriftPlace) -> SQL {
        """
        INSERT INTO drift_count (deployment_key, version_key, feature, hour, counts)
        VALUES (
            \(place.deploymentKey), \(place.versionKey), \(place.feature), \(place.hour),
            \(SQLValue.bytes(counts.bytes))
        )
        ON CONFLICT (deployment_key, version_key, feature, hour) DO UPDATE SET counts = excluded.counts
        """
    }

    /// The counts of a version's features from an hour on.
    static func counts(of versionKey: Int64, in deploymentKey: Int64, since hour: Int64) -> SQL {
        """
        SELECT feature, counts FROM drift_count
        WHERE deployment_key = \(deploymentKey) AND version_key = \(versionKey) AND hour >= \(hour)
        ORDER BY feature, hour
        """
    }
}

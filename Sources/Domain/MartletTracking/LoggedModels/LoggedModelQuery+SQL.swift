import MartletCore
import MartletSearch
import MartletSQL

extension LoggedModelQuery {
    /// The conditions on a row of `logged_model lm`.
    var demands: [SQL] {
        var demands: [SQL] = [
            "lm.experiment_id \(isAnyOf: self.experiments.map(\.rawValue))",
            Visibility.active.condition(on: "lm.deleted_ms"),
        ]
        demands += self.conditions.map { self.demand($0) }
        if !self.datasets.isEmpty, !self.conditions.contains(where: \.isOnMetric) {
            demands.append("EXISTS (\(Self.metricPoints) AND \(self.onDatasets)\(SQL.byProbe))")
        }
        return demands
    }

    /// Newest first after what was asked for; the id makes every order total.
    var keyset: Keyset {
        var terms = self.order.flatMap(\.terms)
        if !self.order.contains(where: { $0.key == .time(.createdAt) }) {
            terms.append(Keyset.Term("lm.created_ms", ascending: false))
        }
        if !self.order.contains(where: { $0.key == .text(.id) }) {
            terms.append(Keyset.Term("lm.model_id", ascending: true))
        }
        return Keyset(terms)
    }

    private func demand(_ condition: LoggedModelCondition) -> SQL {
        switch condition {
        case .metric(let key, let condition):
            let datasets: SQL = self.datasets.isEmpty ? "" : " AND \(self.onDatasets)"
            let point: SQL = "\(Self.metricPoints) AND m.key = \(key) AND \(Self.onValue(condition))\(datasets)"
            return "EXISTS (\(point)\(SQL.byProbe))"
        case .param(let key, let condition):
            return """
                EXISTS (SELECT 1 FROM logged_model_param p
                WHERE p.model_key = lm.model_key AND p.key = \(key) AND \(condition.condition(on: "p.value"))
                \(SQL.byProbe))
                """
        case .tag(let key, let condition):
            return """
                EXISTS (SELECT 1 FROM logged_model_tag t
                WHERE t.model_key = lm.model_key AND t.key = \(key) AND \(condition.condition(on: "t.value"))
                \(SQL.byProbe))
                """
        case .text(let text, let condition): return condition.condition(on: text.column)
        case .time(let time, let condition): return condition.condition(on: time.column)
        }
    }

    private static let metricPoints: SQL = "SELECT 1 FROM logged_model_metric m WHERE m.model_key = lm.model_key"

    /// NaN differs from everything and meets no other comparison.
    private static func onValue(_ condition: NumberCondition) -> SQL {
        let onNumber = condition.condition(on: "m.value")
        return condition.comparator == .differs
            ? "(m.is_nan = 1 OR \(onNumber))"
            : "m.is_nan = 0 AND \(onNumber)"
    }

    private var onDatasets: SQL {
        "(\(self.datasets.map(\.isMeasured).joined(by: " OR ")))"
    }
}

extension LoggedModelCondition {
    fileprivate var isOnMetric: Bool {
        if case .metric = self { true } else { false }
    }
}

extension MeasuredDataset {
    /// The condition on a row of `logged_model_metric m`.
    fileprivate var isMeasured: SQL {
        let onDigest: SQL = if let digest { " AND m.dataset_digest = \(digest)" } else { "" }
        return "(m.dataset_name = \(self.name)\(onDigest))"
    }
}

extension LoggedModelText {
    fileprivate var column: SQL {
        switch self {
        case .id: "lm.model_id"
        case .name: "lm.name"
        case .modelType: "lm.model_type"
        case .status: "lm.status"
        case .sourceRunID: "coalesce(lm.source_run_id, '')"
        case .experimentID: "CAST(lm.experiment_id AS TEXT)"
        case .artifactURI: "lm.artifact_uri"
        }
    }

    fileprivate var sortKey: SQL {
        switch self {
        case .status: "CASE lm.status WHEN 'PENDING' THEN 1 WHEN 'READY' THEN 2 ELSE 3 END"
        case .experimentID: "lm.experiment_id"
        case .id, .name, .modelType, .sourceRunID, .artifactURI: self.column
        }
    }
}

extension LoggedModelTime {
    fileprivate var column: SQL {
        switch self {
        case .createdAt: "lm.created_ms"
        case .updatedAt: "lm.updated_ms"
        }
    }
}

extension LoggedModelOrder {
    fileprivate var terms: [Keyset.Term] {
        switch self.key {
        case .metric(let key, let dataset):
            // Numbers, then NaN, then models without the metric.
            [
                Keyset.Term("coalesce(\(Self.newest("m.is_nan", key, dataset)), 2)", ascending: true),
                Keyset.Term("coalesce(\(Self.newest("m.value", key, dataset)), 0.0)", ascending: self.isAscending),
            ]
        case .text(let text): [Keyset.Term(text.sortKey, ascending: self.isAscending)]
        case .time(let time): [Keyset.Term(time.column, ascending: self.isAscending)]
        }
    }

    /// A column of a metric's newest point. The order is the primary key's, read backwards, so that one
    /// probe finds the point and every column comes from the same one.
    private static func newest(_ column: SQL, _ key: String, _ dataset: MeasuredDataset?) -> SQL {
        let onDataset: SQL = if let dataset { " AND \(dataset.isMeasured)" } else { "" }
        return """
            (SELECT \(column) FROM logged_model_metric m
            WHERE m.model_key = lm.model_key AND m.key = \(key)\(onDataset)
            ORDER BY m.logged_ms DESC, m.step DESC, m.run_key DESC, m.dataset_name DESC, m.dataset_digest DESC,
                m.value DESC, m.is_nan DESC
            LIMIT 1)
            """
    }
}

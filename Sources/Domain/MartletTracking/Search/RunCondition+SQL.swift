import MartletSearch
import MartletSQL

extension RunCondition {
    /// The condition on a row of `run r`. What a run logged is probed by its primary key, so that a
    /// search may stop as soon as its page is full.
    ///
    /// - Parameter run: The column with the run's key that is known first, so that no run is read in vain.
    func sql(of run: SQL) -> SQL {
        switch self {
        case .metric(let key, let condition):
            "EXISTS (\(Self.metric(key, of: run)) AND \(Self.onValue(condition))\(SQL.byProbe))"
        case .param(let key, let condition):
            "EXISTS (\(Self.param(key, of: run)) AND \(condition.condition(on: "p.value"))\(SQL.byProbe))"
        case .paramIsMissing(let key): "NOT EXISTS (\(Self.param(key, of: run))\(SQL.byProbe))"
        case .paramIsPresent(let key): "EXISTS (\(Self.param(key, of: run))\(SQL.byProbe))"
        case .tag(let key, let condition):
            "EXISTS (\(Self.tag(key, of: run)) AND \(condition.condition(on: "t.value"))\(SQL.byProbe))"
        case .tagIsMissing(let key): "NOT EXISTS (\(Self.tag(key, of: run))\(SQL.byProbe))"
        case .tagIsPresent(let key): "EXISTS (\(Self.tag(key, of: run))\(SQL.byProbe))"
        case .text(let text, let condition): condition.condition(on: text.column)
        case .time(let time, let condition): condition.condition(on: time.column)
        case .dataset(.context, let condition):
            "EXISTS (\(Self.datasetContext(of: run)) AND \(condition.condition(on: "dt.value"))\(SQL.byProbe))"
        case .dataset(let text, let condition):
            "EXISTS (\(Self.dataset(text, of: run, condition))\(SQL.byProbe))"
        }
    }

    private static func metric(_ key: String, of run: SQL) -> SQL {
        "SELECT 1 FROM metric m WHERE m.run_key = \(run) AND m.key = \(key)"
    }

    /// NaN differs from everything and meets no other comparison.
    private static func onValue(_ condition: NumberCondition) -> SQL {
        let onNumber = condition.condition(on: "m.value")
        return condition.comparator == .differs
            ? "(m.is_nan = 1 OR \(onNumber))"
            : "m.is_nan = 0 AND \(onNumber)"
    }

    private static func param(_ key: String, of run: SQL) -> SQL {
        "SELECT 1 FROM param p WHERE p.run_key = \(run) AND p.key = \(key)"
    }

    private static func tag(_ key: String, of run: SQL) -> SQL {
        "SELECT 1 FROM run_tag t WHERE t.run_key = \(run) AND t.key = \(key)"
    }

    private static func dataset(_ text: DatasetText, of run: SQL, _ condition: TextCondition) -> SQL {
        """
        SELECT 1 FROM run_dataset i JOIN dataset d ON d.dataset_key = i.dataset_key
        WHERE i.run_key = \(run) AND \(condition.condition(on: text == .name ? "d.name" : "d.digest"))
        """
    }

    private static func datasetContext(of run: SQL) -> SQL {
        "SELECT 1 FROM run_dataset_tag dt WHERE dt.run_key = \(run) AND dt.key = 'mlflow.data.context'"
    }

    /// Whether few runs usually meet it: such conditions are to be asked first.
    fileprivate var isSelective: Bool {
        switch self {
        case .param(_, .equals), .tag(_, .equals), .param(_, .oneOf), .tag(_, .oneOf), .dataset: true
        default: false
        }
    }

    /// Whether the row of the run itself says it.
    fileprivate var isOfRow: Bool {
        switch self {
        case .text, .time: true
        default: false
        }
    }
}

extension [RunCondition] {
    /// Conditions on a row of `run r` that together say what all of these say, with as few probes as possible.
    ///
    /// - Parameter run: The column with the run's key that is known first.
    func sql(of run: SQL) -> [SQL] {
        let all = { (conditions: [RunCondition]) in conditions.map { $0.sql(of: run) } }
        let probes = self.filter { !$0.isOfRow }
        let (first, second) = (all(probes.filter(\.isSelective)), all(probes.filter { !$0.isSelective }))
        guard !first.isEmpty, !second.isEmpty else { return all(self) }
        return all(self.filter(\.isOfRow)) + [SQL.inTurn(first.joined(by: " AND "), second.joined(by: " AND "))]
    }
}

extension RunText {
    var column: SQL {
        switch self {
        case .id: "r.run_id"
        case .name: "r.name"
        case .status: "r.status"
        case .artifactURI: "r.artifact_uri"
        case .userName: "r.user_name"
        }
    }
}

extension RunTime {
    var column: SQL {
        switch self {
        case .startedAt: "r.started_ms"
        case .endedAt: "r.ended_ms"
        }
    }
}

import MartletSearch
import MartletSQL

extension RunOrder {
    /// The sort keys of an order of runs, made total by newest first and then the id.
    static func terms(_ order: [RunOrder]) -> [Keyset.Term] {
        var terms = order.flatMap(\.terms)
        if !order.contains(where: { $0.key == .time(.startedAt) }) {
            terms.append(Keyset.Term("r.started_ms", ascending: false))
        }
        if !order.contains(where: { $0.key == .text(.id) }) {
            terms.append(Keyset.Term("r.run_id", ascending: true))
        }
        return terms
    }

    private var terms: [Keyset.Term] {
        switch self.key {
        case .metric(let key):
            // Numbers, then NaN, then runs without the metric.
            [
                Keyset.Term("coalesce(\(Self.metric("m.is_nan", key)), 2)", ascending: true),
                Keyset.Term("coalesce(\(Self.metric("m.value", key)), 0.0)", ascending: self.isAscending),
            ]
        case .param(let key):
            Keyset.missingLast(
                "(SELECT p.value FROM param p WHERE p.run_key = r.run_key AND p.key = \(key))",
                ascending: self.isAscending,
                whenMissing: "''"
            )
        case .tag(let key):
            Keyset.missingLast(
                "(SELECT t.value FROM run_tag t WHERE t.run_key = r.run_key AND t.key = \(key))",
                ascending: self.isAscending,
                whenMissing: "''"
            )
        case .time(.endedAt):
            Keyset.missingLast("r.ended_ms", ascending: self.isAscending, whenMissing: "0")
        case .time(.startedAt): [Keyset.Term("r.started_ms", ascending: self.isAscending)]
        case .text(let text): [Keyset.Term(text.column, ascending: self.isAscending)]
        }
    }

    private static func metric(_ column: SQL, _ key: String) -> SQL {
        "(SELECT \(column) FROM metric m WHERE m.run_key = r.run_key AND m.key = \(key))"
    }
}

package import MartletCore
package import MartletJSON
import MartletRouting
package import MartletStatistics

/// How designs are written, in rows and in the ledger.
extension ExperimentDesign {
    var json: CanonicalJSON {
        .object([
            .init("alpha", .number(self.plan.alpha)),
            .init("arms", .array(self.arms.map(\.json))),
            .init("goal", self.plan.goal.json),
            .init("guardrails", .array(self.plan.guardrails.map(\.json))),
            .init("minimumSample", .number(Double(self.plan.minimumSample))),
            .init("tightestAt", .number(self.plan.tightestAt)),
        ])
    }

    /// Reads what ``json`` wrote.
    init(stored text: String) throws(MartletError) {
        guard let root = (try? JSONDocument(parsing: Array(text.utf8), depthMax: Limits.jsonDepth))?.root,
            let goal = root["goal"], let alpha = root["alpha"]?.double, let tightestAt = root["tightestAt"]?.double,
            let minimumSample = root["minimumSample"]?.double.flatMap({ UInt64(exactly: $0) })
        else { throw MartletError(.integrity, "the plan of an experiment cannot be read") }
        self.plan = try ExperimentPlan(
            goal: try ExperimentMetric(goal),
            guardrails: try Array(root["guardrails"]?.elements).map { json throws(MartletError) in
                try ExperimentMetric(json)
            },
            alpha: alpha,
            minimumSample: minimumSample,
            tightestAt: tightestAt
        )
        self.arms = try Array(root["arms"]?.elements).map { json throws(MartletError) in try ExperimentArm(json) }
    }
}

extension ExperimentArm {
    fileprivate var json: CanonicalJSON {
        .object([.init("digest", .string(self.digest.description)), .init("name", .string(self.name.rawValue))])
    }

    fileprivate init(_ json: JSONValue) throws(MartletError) {
        self.init(
            name: ArmName(trusted: json["name"]?.string ?? ""),
            digest: try BlobDigest(validating: json["digest"]?.string ?? "")
        )
    }
}

extension ExperimentMetric {
    /// Reads a metric, also one that leaves out what goes without saying.
    ///
    /// - Throws: `invalidArgument` that says which part cannot be meant.
    package init(_ json: JSONValue) throws(MartletError) {
        guard let name = json["name"]?.string, !name.allSatisfy(\.isWhitespace) else {
            throw .invalid("A metric has a 'name'.")
        }
        let measured = GatewayMetric(rawValue: name)
        if name.hasPrefix(GatewayMetric.prefix), measured == nil {
            let known = GatewayMetric.allCases.map(\.rawValue).joined(separator: " and ")
            throw .invalid("The gateway does not measure '\(name)'; it measures \(known).")
        }
        let outcomes = try Outcomes(json, of: name) ?? measured?.outcomes ?? .proportion
        if let measured, measured.outcomes != outcomes {
            throw .invalid("What is known of the values of '\(name)' cannot be changed.")
        }
        try self.init(
            name,
            outcomes,
            try Direction(json["better"], of: name) ?? (measured == nil ? .higherIsBetter : .lowerIsBetter),
            margin: json["margin"]?.double ?? 0
        )
    }

    package var json: CanonicalJSON {
        var members: [CanonicalJSON.Member] = [
            .init("better", .string(self.direction == .higherIsBetter ? "higher" : "lower")),
            .init("margin", .number(self.margin)),
            .init("name", .string(self.name)),
            .init("values", .string(self.outcomes.word)),
        ]
        if case .bounded(let range) = self.outcomes {
            members += [.init("from", .number(range.lowerBound)), .init("to", .number(range.upperBound))]
        }
        return .object(members)
    }
}

extension ExperimentMetric.Outcomes {
    /// `proportion`, `bounded` or `unbounded`.
    package var word: String {
        switch self {
        case .proportion: "proportion"
        case .bounded: "bounded"
        case .unbounded: "unbounded"
        }
    }

    fileprivate init?(_ json: JSONValue, of name: String) throws(MartletError) {
        let (low, high) = (json["from"]?.double, json["to"]?.double)
        let word = json["values"]?.string ?? (low != nil && high != nil ? "bounded" : nil)
        switch (word, low, high) {
        case (nil, nil, nil): return nil
        case ("proportion", nil, nil): self = .proportion
        case ("unbounded", nil, nil): self = .unbounded
        case ("bounded", let low?, let high?) where low < high: self = .bounded(low...high)
        default:
            throw .invalid(
                "The values of '\(name)' are a 'proportion', 'unbounded', or 'bounded' and then lie between 'from' "
                    + "and 'to'."
            )
        }
    }
}

extension ExperimentMetric.Direction {
    fileprivate init?(_ json: JSONValue?, of name: String) throws(MartletError) {
        switch json?.string {
        case "higher": self = .higherIsBetter
        case "lower": self = .lowerIsBetter
        case nil where json == nil || json?.kind == .null: return nil
        default: throw .invalid("What is 'better' of '\(name)' is 'higher' or 'lower'.")
        }
    }
}

extension Array where Element == JSONValue {
    /// The elements of a list that may be absent.
    fileprivate init(_ elements: JSONValue.Elements?) {
        self = elements.map { elements in elements.map(\.self) } ?? []
    }
}

package import MartletCore
package import MartletJSON

/// How a policy is written, for programs and in the ledger; `docs/versions.md` says what it means.
extension Policy {
    /// - Throws: `invalidArgument` that says which part cannot be meant.
    package init(_ json: JSONValue) throws(MartletError) {
        guard json.kind == .object else { throw .invalid("A policy is a JSON object.") }
        try json.requireOnly(["stages", "machine", "retentionYears"], in: "policy")
        let machine = try json["machine"].flatMap { $0.kind == .null ? nil : $0 }
            .map { json throws(MartletError) in try StageMachine(json) }
        self.init(machine: machine ?? .standard, gates: [:])
        for (name, gates) in json.members(of: "stages") {
            let stage = try StageName(validating: name.string ?? "")
            _ = try self.machine.state(stage)
            self.gates[stage] = try StageGates(gates)
        }
        guard let years = json["retentionYears"], years.kind != .null else { return }
        guard let number = years.integer, (0...1_000).contains(number) else {
            throw .invalid("'retentionYears' is a whole number of years.")
        }
        self.retentionYears = number
    }

    package var json: CanonicalJSON {
        var members: [CanonicalJSON.Member] = [
            .init("retentionYears", CanonicalJSON(self.retentionYears)),
            .init("stages", .object(self.gates.map { CanonicalJSON.Member($0.key.rawValue, $0.value.json) })),
        ]
        if self.machine != .standard { members.append(.init("machine", self.machine.json)) }
        return .object(members)
    }
}

extension StageMachine {
    fileprivate init(_ json: JSONValue) throws(MartletError) {
        try json.requireOnly(["stages", "transitions"], in: "machine")
        var states: [State] = []
        for stage in json.elements(of: "stages") {
            try stage.requireOnly(["name", "mlflowStage"], in: "machine.stages")
            let name = try StageName(validating: try stage.requiredText("name", in: "machine.stages"))
            states.append(
                State(name, try Stage(mlflowName: try stage.requiredText("mlflowStage", in: "machine.stages")))
            )
        }
        guard let transitions = json["transitions"], transitions.kind != .null else {
            try self.init(states: states, moves: nil)
            return
        }
        var moves: [Move] = []
        for transition in transitions.elements {
            let ends = transition.elements.compactMap(\.string)
            guard ends.count == 2 else {
                throw .invalid("Each of 'machine.transitions' is a pair of names, from and to.")
            }
            moves.append(
                Move(from: try StageName(validating: ends[0]), to: try StageName(validating: ends[1]))
            )
        }
        try self.init(states: states, moves: moves)
    }

    fileprivate var json: CanonicalJSON {
        var members = [
            CanonicalJSON.Member(
                "stages",
                .array(
                    self.states.map { state in
                        .object([
                            .init("name", state.name.rawValue), .init("mlflowStage", state.stage.mlflowName),
                        ])
                    }
                )
            )
        ]
        if let moves {
            let pairs = moves.map { [$0.from.rawValue, $0.to.rawValue] }.sorted { $0.lexicographicallyPrecedes($1) }
            members.append(.init("transitions", .array(pairs.map { .array($0.map(CanonicalJSON.string)) })))
        }
        return .object(members)
    }
}

extension StageGates {
    fileprivate init(_ json: JSONValue) throws(MartletError) {
        try json.requireOnly(["mode", "requires", "thresholds", "regressions", "approvals"], in: "stages")
        guard let mode = Mode(rawValue: json["mode"]?.string ?? "") else {
            throw .invalid("The 'mode' of a stage is 'warn' or 'enforce'.")
        }
        self.init(mode: mode)
        for item in json.elements(of: "requires") {
            guard let item = CaptureItem(rawValue: item.string ?? "") else {
                let items = CaptureItem.allCases.map(\.rawValue).joined(separator: ", ")
                throw .invalid("\(item.source) cannot be required; what can is \(items).")
            }
            self.requires.append(item)
        }
        for threshold in json.elements(of: "thresholds") {
            self.thresholds.append(try Threshold(threshold))
        }
        for regression in json.elements(of: "regressions") {
            self.regressions.append(try Regression(regression))
        }
        guard let approvals = json["approvals"], approvals.kind != .null else { return }
        guard let count = approvals.integer, (0...100).contains(count) else {
            throw .invalid("'approvals' is a whole number from 0 to 100.")
        }
        self.approvals = Int(count)
    }

    fileprivate var json: CanonicalJSON {
        .object([
            .init("mode", self.mode.rawValue),
            .init("requires", .array(self.requires.map { .string($0.rawValue) })),
            .init("thresholds", .array(self.thresholds.map(\.json))),
            .init("regressions", .array(self.regressions.map(\.json))),
            .init("approvals", CanonicalJSON(Int64(self.approvals))),
        ])
    }
}

extension StageGates.Threshold {
    fileprivate init(_ json: JSONValue) throws(MartletError) {
        try json.requireOnly(["metric", "min", "max", "dataset"], in: "thresholds")
        self.init(
            metric: try json.requiredText("metric", in: "thresholds"),
            min: try json.optionalNumber("min"),
            max: try json.optionalNumber("max"),
            dataset: json["dataset"]?.string
        )
        guard self.min != nil || self.max != nil else {
            throw .invalid("The threshold of '\(self.metric)' needs a 'min' or a 'max'.")
        }
    }

    fileprivate var json: CanonicalJSON {
        var members = [CanonicalJSON.Member("metric", self.metric)]
        if let min { members.append(.init("min", .number(min))) }
        if let max { members.append(.init("max", .number(max))) }
        if let dataset { members.append(.init("dataset", dataset)) }
        return .object(members)
    }
}

extension StageGates.Regression {
    fileprivate init(_ json: JSONValue) throws(MartletError) {
        try json.requireOnly(["metric", "margin", "better"], in: "regressions")
        let metric = try json.requiredText("metric", in: "regressions")
        let margin = try json.optionalNumber("margin") ?? 0
        guard margin >= 0 else { throw .invalid("The 'margin' of '\(metric)' is not negative.") }
        var better = MetricDirection(guessingFrom: metric)
        if let text = json["better"]?.string {
            guard let said = MetricDirection(rawValue: text) else { throw .invalid("'better' is 'higher' or 'lower'.") }
            better = said
        }
        self.init(metric: metric, margin: margin, better: better)
    }

    fileprivate var json: CanonicalJSON {
        .object([
            .init("metric", self.metric), .init("margin", .number(self.margin)), .init("better", self.better.rawValue),
        ])
    }
}

extension JSONValue {
    /// The elements of a member; none where it is absent.
    fileprivate func elements(of name: String) -> [JSONValue] { self[name].map { Array($0.elements) } ?? [] }

    fileprivate func members(of name: String) -> [(name: JSONValue, value: JSONValue)] {
        self[name].map { Array($0.members) } ?? []
    }

    fileprivate func requireOnly(_ names: Set<String>, in place: String) throws(MartletError) {
        for (name, _) in self.members {
            guard let name = name.string, names.contains(name) else {
                let known = names.sorted().joined(separator: ", ")
                throw .invalid("'\(place)' has no member \(name.source); it has \(known).")
            }
        }
    }

    fileprivate func requiredText(_ name: String, in place: String) throws(MartletError) -> String {
        guard let text = self[name]?.string, !text.isEmpty else { throw .invalid("'\(place)' needs a '\(name)'.") }
        return text
    }

    fileprivate func optionalNumber(_ name: String) throws(MartletError) -> Double? {
        guard let value = self[name], value.kind != .null else { return nil }
        guard let number = value.double, number.isFinite else { throw .invalid("'\(name)' is a number.") }
        return number
    }
}

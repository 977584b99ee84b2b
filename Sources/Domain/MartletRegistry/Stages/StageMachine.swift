package import MartletCore

/// The stages of a model, and which moves between them there are.
package struct StageMachine: Sendable, Hashable {
    /// One stage, and which of MLflow's it is to MLflow's clients.
    package struct State: Sendable, Hashable {
        package let name: StageName
        package let stage: Stage

        package init(_ name: StageName, _ stage: Stage) {
            self.name = name
            self.stage = stage
        }
    }

    package struct Move: Sendable, Hashable {
        package let from: StageName
        package let to: StageName

        package init(from: StageName, to: StageName) {
            self.from = from
            self.to = to
        }
    }

    private static let statesMax = 50

    /// Candidate, staging, production, archived, with every move between them: as MLflow has it.
    package static let standard = StageMachine()

    /// New versions are in the first.
    package let states: [State]
    /// `nil` for every move.
    package let moves: Set<Move>?

    private init() {
        self.states = Stage.allCases.map { State(StageName($0), $0) }
        self.moves = nil
    }

    /// - Throws: `invalidArgument` for a machine that versions could not live in.
    package init(states: [State], moves: [Move]?) throws(MartletError) {
        guard (1...Self.statesMax).contains(states.count), Set(states.map(\.name)).count == states.count else {
            throw .invalid("A model has 1 to \(Self.statesMax) stages, each with a name of its own.")
        }
        guard let first = states.first, first.stage == .candidate else {
            throw .invalid("The first stage, where new versions begin, must be MLflow's 'None'.")
        }
        let stages = Set(states.map(\.stage))
        guard stages.contains(.archived) || !stages.contains(.production) else {
            throw .invalid("A model with a stage for MLflow's 'Production' needs one for 'Archived': where else to go?")
        }
        let names = Set(states.map(\.name))
        for move in moves ?? [] {
            guard names.contains(move.from), names.contains(move.to) else {
                throw .invalid("A transition leads from '\(move.from)' to '\(move.to)', which are not both stages.")
            }
        }
        self.states = states
        self.moves = moves.map(Set.init)
    }

    /// Where new versions begin.
    package var first: State { self.states[0] }

    /// - Throws: `invalidArgument` when there is no such stage.
    package func state(_ name: StageName) throws(MartletError) -> State {
        guard let state = self.states.first(where: { $0.name == name }) else {
            let names = self.states.map(\.name.rawValue).joined(separator: ", ")
            throw .invalid("There is no stage '\(name)'; the stages of this model are \(names).")
        }
        return state
    }

    /// The first state that MLflow's clients mean by a stage.
    ///
    /// - Throws: `invalidArgument` when there is none.
    package func state(_ stage: Stage) throws(MartletError) -> State {
        guard let state = self.states.first(where: { $0.stage == stage }) else {
            throw .invalid("This model has no stage that stands for '\(stage.mlflowName)'.")
        }
        return state
    }

    /// Throws `conflict` when there is no such move. Staying where one is is none.
    package func require(from old: StageName, to new: StageName) throws(MartletError) {
        guard let moves, old != new, !moves.contains(Move(from: old, to: new)) else { return }
        let open = self.states.map(\.name).filter { moves.contains(Move(from: old, to: $0)) }.map(\.rawValue)
        let targets = open.isEmpty ? "nowhere" : open.joined(separator: ", ")
        throw MartletError(.conflict, "From '\(old)' this model's versions move to \(targets), not to '\(new)'.")
    }
}

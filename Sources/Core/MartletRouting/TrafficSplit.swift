package import MartletCore

/// One of the ways that a split may send a request.
package struct SplitArm: Sendable, Hashable {
    package let name: ArmName
    package let share: Share

    package init(name: ArmName, share: Share) {
        self.name = name
        self.share = share
    }
}

/// Divides subjects among arms by weighted rendezvous hashing.
///
/// Every arm draws a number for the subject; the arm for which -log(draw) / share is least has it. As these are
/// exponential variables, an arm wins as often as its share says (Schindelhauer and Schomaker, "Weighted distributed
/// hash tables", SPAA 2005, the logarithmic method). An arm's number knows nothing of other arms, of the past or of the
/// order of arms, so that:
///
/// - who has an arm keeps it when others leave, and when its share grows relative to all others;
/// - a subject moves only to an arm whose share grew by a larger factor than that of the arm it had;
/// - going back to former shares brings everybody back to their former arm.
///
/// Arithmetic is on integers, so that anybody can repeat it: docs/routing.md.
package struct TrafficSplit: Sendable, Hashable {
    /// In the order they were given, which means nothing.
    package let arms: [SplitArm]
    /// The arms that have a share, by name, so that a tie has one winner.
    private let candidates: [Candidate]

    private struct Candidate: Hashable {
        let purpose: [UInt8]
        let weight: UInt128
        let index: Int
    }

    /// - Parameter arms: Their shares add up to all.
    package init(_ arms: [SplitArm]) throws(MartletError) {
        guard arms.count <= Limits.armsPerSplit else {
            throw .invalid("a split has at most \(Limits.armsPerSplit) arms")
        }
        guard Set(arms.map(\.name)).count == arms.count else {
            throw .invalid("two arms of a split have the same name")
        }
        let sum = arms.reduce(0) { $0 + UInt64($1.share.partsPerMillion) }
        guard sum == Share.all.partsPerMillion else {
            let shares = arms.map { "\($0.name) \($0.share)" }.joined(separator: ", ")
            throw .invalid("the shares of a split must add up to 100%: \(shares)")
        }
        self.arms = arms
        self.candidates = arms.enumerated()
            .filter { $0.element.share > .none }
            .map { index, arm in
                let weight = UInt128(arm.share.partsPerMillion)
                return Candidate(purpose: Array("arm \(arm.name)".utf8), weight: weight, index: index)
            }
            .sorted { $0.purpose.lexicographicallyPrecedes($1.purpose) }
    }

    /// Returns the index in ``arms`` of the subject's arm.
    package func arm(for subject: SubjectHash) -> Int {
        var winner = self.candidates[0]
        guard self.candidates.count > 1 else { return winner.index }
        var least = UInt128(subject.draw(winner.purpose).surprise)
        for candidate in self.candidates.dropFirst() {
            let surprise = UInt128(subject.draw(candidate.purpose).surprise)
            // surprise / weight < least / weight of the winner, without dividing.
            if surprise * winner.weight < least * candidate.weight {
                (winner, least) = (candidate, surprise)
            }
        }
        return winner.index
    }
}

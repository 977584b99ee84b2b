import MartletCore
package import MartletRouting

/// What shall become of a deployment's arms.
package enum ArmChange<Item: Sendable>: Sendable {
    /// These and no others.
    case replace([Item])
    /// All requests go to this one; shadows stay.
    case release(Item)
    /// One more, which takes its share from the primary arm.
    case add(Item)
    /// One less, whose share goes to the primary arm.
    case remove(ArmName)
    /// Other shares; the primary arm gets what is left.
    case reshare([ArmName: Share])
    /// All requests go to an arm that is there, which becomes the primary one; shadows stay.
    case promote(ArmName)
    /// None, where only settings change.
    case keep

    /// What it brings along.
    var items: [Item] {
        switch self {
        case .replace(let items): items
        case .release(let item), .add(let item): [item]
        case .remove, .reshare, .promote, .keep: []
        }
    }

    var changesArms: Bool { if case .keep = self { false } else { true } }

    func map<Other: Sendable>(
        _ transform: (Item) throws(MartletError) -> Other
    ) throws(MartletError) -> ArmChange<Other> {
        switch self {
        case .replace(let items): .replace(try items.map(transform))
        case .release(let item): .release(try transform(item))
        case .add(let item): .add(try transform(item))
        case .remove(let name): .remove(name)
        case .reshare(let shares): .reshare(shares)
        case .promote(let name): .promote(name)
        case .keep: .keep
        }
    }
}

extension ArmChange<Arm> {
    /// Returns the arms as they are after the change.
    ///
    /// - Throws: `invalidArgument` when they cannot serve, with the reason.
    func applied(to arms: [Arm]) throws(MartletError) -> [Arm] {
        let changed = try self.changed(arms)
        try Self.check(changed)
        return changed
    }

    /// Those of the arms that are there that somebody wants to have more requests. That the primary one gets what
    /// others leave is nobody's wish.
    func raised(of arms: [Arm]) -> [Arm] {
        switch self {
        case .promote(let name): arms.filter { $0.name == name && $0.role != .primary }
        case .reshare(let shares):
            arms.filter { arm in
                guard arm.role != .primary, let share = shares[arm.name] else { return false }
                return share.partsPerMillion > arm.share.partsPerMillion
            }
        case .replace, .release, .add, .remove, .keep: []
        }
    }

    private func changed(_ arms: [Arm]) throws(MartletError) -> [Arm] {
        switch self {
        case .keep:
            guard !arms.isEmpty else { throw .invalid("Nothing serves here yet: deploy a version first.") }
            return arms
        case .replace(let new): return new
        case .release(var arm):
            (arm.role, arm.share) = (.primary, .all)
            return [arm] + arms.filter { !$0.role.answers && $0.name != arm.name }
        case .add(let arm):
            guard !arms.isEmpty || arm.role == .primary else {
                throw .invalid("Nothing serves here yet: the first version answers all requests, without a role.")
            }
            guard !arms.contains(where: { $0.name == arm.name }) else {
                throw .invalid("There is an arm '\(arm.name)' already.")
            }
            return try Self.rebalanced(arms + [arm])
        case .remove(let name):
            guard try Self.arm(name, in: arms).role != .primary else {
                throw .invalid("'\(name)' is the primary arm: promote another one, or deploy a version in its place.")
            }
            return try Self.rebalanced(arms.filter { $0.name != name })
        case .reshare(let shares): return try Self.reshared(arms, shares)
        case .promote(let name):
            let arm = try Self.arm(name, in: arms)
            return try ArmChange.release(arm).changed(arms)
        }
    }

    private static func reshared(_ arms: [Arm], _ shares: [ArmName: Share]) throws(MartletError) -> [Arm] {
        guard !shares.isEmpty else { throw .invalid("'shares' names the arms that get another share.") }
        for name in shares.keys { _ = try Self.arm(name, in: arms) }
        let changed = try Self.rebalanced(
            arms.map { arm in
                var arm = arm
                arm.share = shares[arm.name] ?? arm.share
                return arm
            }
        )
        for arm in changed {
            guard let wanted = shares[arm.name], wanted != arm.share else { continue }
            throw .invalid("The others leave \(arm.share) to the primary arm '\(arm.name)', not \(wanted).")
        }
        return changed
    }

    private static func arm(_ name: ArmName, in arms: [Arm]) throws(MartletError) -> Arm {
        guard let arm = arms.first(where: { $0.name == name }) else {
            guard !arms.isEmpty else { throw .invalid("Nothing serves here yet: deploy a version first.") }
            let names = arms.map { "'\($0.name)'" }.joined(separator: ", ")
            throw .invalid("There is no arm '\(name)'; there \(arms.count == 1 ? "is" : "are") \(names).")
        }
        return arm
    }

    /// Gives the primary arm what the others leave.
    private static func rebalanced(_ arms: [Arm]) throws(MartletError) -> [Arm] {
        let others = arms.filter { $0.role.answers && $0.role != .primary }
        let taken = others.reduce(0) { $0 + $1.share.partsPerMillion }
        guard taken <= Share.all.partsPerMillion else {
            throw .invalid("The shares of canaries and challengers come to more than 100%.")
        }
        let left = try Share(partsPerMillion: Share.all.partsPerMillion - taken)
        return arms.map { arm in
            guard arm.role == .primary else { return arm }
            var arm = arm
            arm.share = left
            return arm
        }
    }

    private static var armsMax: Int { 20 }

    private static func check(_ arms: [Arm]) throws(MartletError) {
        guard arms.count(where: { $0.role == .primary }) == 1 else {
            throw .invalid("A deployment has exactly one primary arm.")
        }
        guard arms.count <= self.armsMax else { throw .invalid("A deployment has at most \(self.armsMax) arms.") }
        guard Set(arms.map(\.name)).count == arms.count else {
            throw .invalid("Two arms of the same name: give one of them another.")
        }
        let sum = arms.filter(\.role.answers).reduce(UInt32(0)) { $0 + $1.share.partsPerMillion }
        guard sum == Share.all.partsPerMillion else {
            let percent = Double(sum) / 10_000
            throw .invalid("The shares of the arms that answer come to \(percent.brief)%, and must come to 100%.")
        }
    }
}

import MartletCore
import MartletRouting
import Testing

/// Reads `a 90%, b 10%`.
private func split(_ text: String) throws(MartletError) -> TrafficSplit {
    var arms: [SplitArm] = []
    for arm in text.split(separator: ", ") {
        let parts = arm.split(separator: " ")
        arms.append(SplitArm(name: try ArmName(validating: String(parts[0])), share: try Share(String(parts[1]))))
    }
    return try TrafficSplit(arms)
}

extension TrafficSplit {
    fileprivate func name(_ subject: SubjectHash) -> String { self.arms[self.arm(for: subject)].name.rawValue }
}

@Suite("Splits of traffic")
struct TrafficSplitTests {
    private static let subjects: [SubjectHash] = {
        guard let salt = try? RoutingSalt([7]) else { return [] }
        return (0..<4_000).map { SubjectHash(Array("user-\($0)".utf8), salt: salt) }
    }()

    /// How many subjects go from one arm to another, by "from-to", when a split is replaced.
    private func moves(_ old: String, _ new: String) throws -> [String: Int] {
        let (old, new) = (try split(old), try split(new))
        return Self.subjects.reduce(into: [:]) { moves, subject in
            let (from, to) = (old.name(subject), new.name(subject))
            if from != to { moves["\(from)-\(to)", default: 0] += 1 }
        }
    }

    @Test(
        "arms get what their shares say, within four standard deviations",
        arguments: ["a 50%, b 50%", "a 90%, b 9%, c 1%", "a 33.3333%, b 33.3333%, c 33.3334%", "a 0%, b 100%"]
    )
    func proportions(text: String) throws {
        let split = try split(text)
        var counts = [Int](repeating: 0, count: split.arms.count)
        for subject in Self.subjects { counts[split.arm(for: subject)] += 1 }
        for (arm, count) in zip(split.arms, counts) {
            let share = Double(arm.share.partsPerMillion) / 1_000_000
            let expected = share * Double(Self.subjects.count)
            #expect(
                abs(Double(count) - expected) <= 4 * (expected * (1 - share)).squareRoot(),
                "\(arm.name) of \(text)"
            )
        }
    }

    @Test("when a canary grows, subjects move only to it, and only as many as it gained")
    func growingCanary() throws {
        for (old, new) in [(1, 10), (10, 50), (50, 100)] {
            let moves = try self.moves("old \(100 - old)%, new \(old)%", "old \(100 - new)%, new \(new)%")
            let expected = Double(Self.subjects.count * (new - old)) / 100
            #expect(Set(moves.keys) == ["old-new"])
            #expect(abs(Double(moves["old-new"] ?? 0) - expected) < 4 * expected.squareRoot())
        }
    }

    @Test("when an arm leaves, nobody else's subjects move")
    func leavingArm() throws {
        let moves = try self.moves("a 40%, b 40%, c 20%", "a 50%, b 50%")
        #expect(Set(moves.keys) == ["c-a", "c-b"])
    }

    @Test("when an arm comes, subjects move only to it")
    func comingArm() throws {
        let moves = try self.moves("a 50%, b 50%", "c 20%, a 40%, b 40%")
        #expect(Set(moves.keys) == ["a-c", "b-c"])
    }

    @Test("subjects move only to arms that grew by a larger factor than their own")
    func anyChange() throws {
        let moves = try self.moves("a 50%, b 30%, c 20%", "a 40%, b 33%, c 27%")
        #expect(Set(moves.keys) == ["a-b", "a-c", "b-c"])
    }

    @Test("the order of arms and a change that is taken back leave everybody where they were")
    func noHistory() throws {
        #expect(try self.moves("a 50%, b 30%, c 20%", "c 20%, a 50%, b 30%").isEmpty)
    }

    @Test("another salt is another division")
    func salts() throws {
        let split = try split("a 50%, b 50%")
        let other = try RoutingSalt([8])
        let same = (0..<1_000).count { index in
            split.name(Self.subjects[index]) == split.name(SubjectHash(Array("user-\(index)".utf8), salt: other))
        }
        #expect((400...600).contains(same))
    }

    @Test(
        "a split whose shares do not add up, or whose names repeat or cannot be names, is refused",
        arguments: [
            "", "a 100%, b 1%", "a 50%, b 49.9999%", "a 50%, a 50%", "\u{7F} 100%",
            String(repeating: "a", count: Limits.armNameBytes + 1) + " 100%",
            (0...Limits.armsPerSplit).map { "arm\($0) \($0 == 0 ? "100%" : "0%")" }.joined(separator: ", "),
        ]
    )
    func refused(text: String) {
        #expect(throws: MartletError.self) { try split(text) }
    }
}

@Suite("Shares and draws")
struct ShareTests {
    @Test(
        "a share is read and written to the millionth",
        arguments: [
            ("0%", 0), ("100%", 1_000_000), ("10%", 100_000), ("0.5%", 5_000), ("0.0001%", 1), ("33.3333%", 333_333),
        ]
    )
    func roundTrip(text: String, partsPerMillion: UInt32) throws {
        let share = try Share(text)
        #expect(share.partsPerMillion == partsPerMillion)
        #expect(share.description == text)
    }

    @Test(
        "what is no percentage, too much or too fine is refused",
        arguments: [
            "", "%", "10", "-1%", "+1%", "101%", "100.0001%", "1.00001%", "1.%", ".5%", "1e1%", " 1%", "٣%", "1,5%",
        ]
    )
    func refused(text: String) {
        #expect(throws: MartletError.self) { try Share(text) }
    }

    @Test("a draw is below a share exactly when it is")
    func thresholds() throws {
        // 2^64 / 10^6 is not whole: the first draw that is not below one millionth.
        let first: UInt64 = 18_446_744_073_710
        #expect(Draw(bits: first - 1).isBelow(try Share(partsPerMillion: 1)))
        #expect(!Draw(bits: first).isBelow(try Share(partsPerMillion: 1)))
        #expect(!Draw(bits: 0).isBelow(.none))
        #expect(Draw(bits: .max).isBelow(.all))
        #expect(Draw(bits: (1 << 63) - 1).isBelow(try Share("50%")))
        #expect(!Draw(bits: 1 << 63).isBelow(try Share("50%")))
    }

    @Test("a salt that is too long is refused, and no salt and subject are taken for another pair")
    func salts() throws {
        #expect(throws: MartletError.self) { try RoutingSalt([UInt8](repeating: 0, count: 256)) }
        let (short, long) = (try RoutingSalt([1]), try RoutingSalt([1, 2]))
        #expect(SubjectHash([2, 3], salt: short) != SubjectHash([3], salt: long))
    }
}

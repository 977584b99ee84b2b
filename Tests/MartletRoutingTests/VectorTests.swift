import Foundation
import MartletCore
import MartletRouting
import Testing

/// A line that `Conformance/native/second_routing.py --vectors` wrote.
private struct Vector {
    let salt: RoutingSalt
    let subject: [UInt8]
    let hash: String
    let split: TrafficSplit
    let draw: UInt64
    let arm: String

    init(_ line: Substring) throws {
        let fields = line.split(separator: " ", omittingEmptySubsequences: false)
        self.salt = try RoutingSalt(#require(Hexadecimal.bytes(String(fields[0]))))
        self.subject = try #require(Hexadecimal.bytes(String(fields[1])))
        self.hash = String(fields[2])
        self.split = try TrafficSplit(
            fields[3].split(separator: ",").map { arm in
                let parts = arm.split(separator: "=")
                let share = try Share(partsPerMillion: #require(UInt32(parts[1])))
                return try SplitArm(name: ArmName(validating: String(parts[0])), share: share)
            }
        )
        self.draw = try #require(UInt64(fields[4]))
        self.arm = String(fields[6])
    }

    static func all() throws -> [Vector] {
        let url = try #require(Bundle.module.url(forResource: "vectors", withExtension: "txt"))
        return try String(contentsOf: url, encoding: .utf8).split(separator: "\n").map(Vector.init)
    }
}

@Suite("Routing, computed twice")
struct VectorTests {
    @Test("every choice is the one that another implementation made")
    func vectors() throws {
        let vectors = try Vector.all()
        #expect(vectors.count == 60)
        for vector in vectors {
            let subject = SubjectHash(vector.subject, salt: vector.salt)
            #expect(subject.description == vector.hash)
            #expect(subject.draw(Array("arm \(vector.split.arms[0].name)".utf8)).bits == vector.draw)
            #expect(vector.split.arms[vector.split.arm(for: subject)].name.rawValue == vector.arm)
        }
    }

    @Test("a hash that was kept makes the same choices")
    func keptHash() throws {
        for vector in try Vector.all() {
            let subject = SubjectHash(vector.subject, salt: vector.salt)
            let kept = try #require(SubjectHash(bytes: subject.bytes))
            #expect(kept == subject)
            #expect(vector.split.arm(for: kept) == vector.split.arm(for: subject))
        }
        #expect(SubjectHash(bytes: [1, 2, 3]) == nil)
    }
}

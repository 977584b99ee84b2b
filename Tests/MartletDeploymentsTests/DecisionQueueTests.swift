import MartletCore
import Testing

@testable import MartletDeployments

@Suite("A queue of decisions")
struct DecisionQueueTests {
    private static func decision(_ milliseconds: Int64) -> Decision {
        Decision(
            id: DecisionID(at: Timestamp(milliseconds: milliseconds), random: (0, UInt64(milliseconds))),
            deploymentKey: 1,
            revision: 1,
            arm: 0,
            at: Timestamp(milliseconds: milliseconds),
            subject: nil,
            request: BlobDigest(bytes: [UInt8](repeating: 0, count: 32)),
            status: 200,
            latencyMicroseconds: 1
        )
    }

    private static func queue(of times: ClosedRange<Int64>, capacity: Int = 100) -> DecisionQueue {
        let queue = DecisionQueue(capacity: capacity)
        for time in times { queue.offer(self.decision(time)) }
        return queue
    }

    private func times(_ decisions: [Decision]) -> [Int64] { decisions.map(\.at.milliseconds) }

    @Test("gives what it was given, in its order, and forgets it when that is done")
    func finishing() {
        let queue = Self.queue(of: 1...3)
        #expect(self.times(queue.take()) == [1, 2, 3])
        queue.offer(Self.decision(4))
        queue.finish()
        #expect(!queue.isEmpty)
        #expect(self.times(queue.take()) == [4])
        queue.finish()
        #expect(queue.isEmpty)
    }

    @Test("gives again what was taken and is not done, before what came meanwhile")
    func failing() {
        let queue = Self.queue(of: 1...2)
        _ = queue.take()
        queue.offer(Self.decision(3))
        #expect(!queue.isEmpty)
        #expect(self.times(queue.take()) == [1, 2, 3])
    }

    @Test("gives the first, if not all are wanted")
    func few() {
        let queue = Self.queue(of: 1...3)
        #expect(self.times(queue.take(atMost: 2)) == [1, 2])
        queue.finish()
        #expect(self.times(queue.take(atMost: 2)) == [3])
    }

    @Test("drops what is too late or too much, and counts it; what is taken takes room as well")
    func dropping() {
        let queue = Self.queue(of: 1...5, capacity: 4)
        #expect(queue.droppedCount == 1)
        #expect(self.times(queue.take(from: Timestamp(milliseconds: 3))) == [3, 4])
        #expect(queue.droppedCount == 3)
        for time: Int64 in 6...8 { queue.offer(Self.decision(time)) }
        #expect(queue.droppedCount == 4)
        #expect(queue.room == 0)
        queue.append([Self.decision(9)])
        #expect(self.times(queue.take()) == [3, 4, 6, 7, 9])
        #expect(queue.droppedCount == 4)
    }
}

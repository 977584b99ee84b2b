import MartletCore
import NIOCore
import NIOPosix
import Testing

@testable import MartletDeployments

@Suite("Those who wait until decisions are durable")
struct DecisionWaiterTests {
    @Test("are each answered on their own event loop, in their order, and without one at once")
    func loops() async throws {
        let group = MultiThreadedEventLoopGroup.singleton
        let loops = [group.next(), group.next()]
        let (answers, answer) = AsyncStream.makeStream(of: (place: Int, number: Int).self)
        let refusal = MartletError(.unavailable, "no")
        let onLoops = (0..<20).map { number in
            let loop = loops[number % 2]
            return DecisionWaiter(on: loop) { failure in
                let isRight = loop.inEventLoop && failure?.code == refusal.code
                answer.yield((isRight ? number % 2 : -1, number))
            }
        }
        let alone = DecisionWaiter(on: nil) { answer.yield(($0?.code == refusal.code ? 2 : -1, 20)) }
        ([alone] + onLoops).answer(refusal)
        var numbersByPlace: [Int: [Int]] = [:]
        for await (place, number) in answers.prefix(21) { numbersByPlace[place, default: []].append(number) }
        let (even, odd) = (Array(stride(from: 0, to: 20, by: 2)), Array(stride(from: 1, to: 20, by: 2)))
        #expect(numbersByPlace == [0: even, 1: odd, 2: [20]])
    }
}

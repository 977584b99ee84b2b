package import MartletCore
package import NIOCore

/// Somebody who waits until a decision is durable.
package struct DecisionWaiter: Sendable {
    fileprivate let loop: (any EventLoop)?
    fileprivate let answer: @Sendable (MartletError?) -> Void

    /// - Parameters:
    ///   - loop: Where `answer` is called; `nil` for any thread.
    ///   - answer: Told when the decision is durable, or why it is not.
    package init(on loop: (any EventLoop)?, answer: @escaping @Sendable (MartletError?) -> Void) {
        self.loop = loop
        self.answer = answer
    }
}

extension Sequence<DecisionWaiter> {
    /// Answers all of them, waking each event loop once.
    func answer(_ failure: MartletError?) {
        var byLoop: [ObjectIdentifier: (loop: any EventLoop, waiters: [DecisionWaiter])] = [:]
        for waiter in self {
            guard let loop = waiter.loop else {
                waiter.answer(failure)
                continue
            }
            byLoop[ObjectIdentifier(loop), default: (loop, [])].waiters.append(waiter)
        }
        for (loop, waiters) in byLoop.values {
            loop.execute { for waiter in waiters { waiter.answer(failure) } }
        }
    }
}

package import MartletCore
import Synchronization

/// Hands out what is due to as many calls at once as a server makes.
package final class DeliveryDispatcher: Sendable {
    /// How many receivers are called at once: so many that those which do not answer leave some for the others.
    package static let callsMax = 64

    private let deliverer: Deliverer
    private let bell: OutboxBell
    /// How many are under way.
    private let calls = Mutex(0)

    package init(_ deliverer: Deliverer, _ bell: OutboxBell) {
        self.deliverer = deliverer
        self.bell = bell
    }

    /// Looks for what is due when the bell rings, a call has ended, or a pause is over, until the task is cancelled.
    ///
    /// Not to be called twice at once.
    ///
    /// - Parameters:
    ///   - pause: What other servers change is seen after it, and so is what is due again.
    ///   - report: Told of each look and each call why it failed; `nil` where it did not.
    package func run(every pause: Duration, _ report: @escaping @Sendable (MartletError?) -> Void) async {
        let rings = self.bell.rings()
        await withDiscardingTaskGroup { tasks in
            tasks.addTask { await self.ring(every: pause) }
            for await _ in rings {
                for delivery in await self.take(report) {
                    tasks.addTask { await self.deliver(delivery, report) }
                }
            }
        }
    }

    private func ring(every pause: Duration) async {
        while !Task.isCancelled {
            self.bell.ring()
            // Throws when the server stops, and that ends the loop.
            try? await Task.sleep(for: pause)
        }
    }

    /// Does not even look when nobody is free: whoever is next rings.
    private func take(_ report: (MartletError?) -> Void) async -> [TakenDelivery] {
        let free = Self.callsMax - self.calls.withLock { $0 }
        guard free > 0, !Task.isCancelled else { return [] }
        do throws(MartletError) {
            let taken = try await self.deliverer.take(upTo: free)
            self.calls.withLock { $0 += taken.count }
            report(nil)
            return taken
        } catch {
            report(error)
            return []
        }
    }

    private func deliver(_ delivery: TakenDelivery, _ report: (MartletError?) -> Void) async {
        do throws(MartletError) {
            try await self.deliverer.deliver(delivery)
        } catch {
            report(error)
        }
        self.calls.withLock { $0 -= 1 }
        // Somebody is free, and the next of its line may be due.
        self.bell.ring()
    }
}

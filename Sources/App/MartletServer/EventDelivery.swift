import Logging
import MartletEvents
import ServiceLifecycle

/// Sends what is due to be delivered to webhooks, until the server stops.
struct EventDelivery: Service {
    let dispatcher: DeliveryDispatcher
    let pause: Duration
    let logger: Logger

    func run() async {
        let failures = FailureStreak(of: "delivering events", self.logger)
        await cancelWhenGracefulShutdown {
            await self.dispatcher.run(every: self.pause) { failures.note($0) }
        }
    }
}

package import Logging
import MartletDeployments
import MartletEvents
package import ServiceLifecycle

/// What the server does by itself.
package enum Housekeeping {
    /// How many rounds there are between two for which every file is listed.
    private static let roundsPerThoroughOne = 24

    /// All that it does by itself.
    static func services(_ domain: Domain, _ settings: ServerSettings, _ logger: Logger) -> [any Service] {
        [
            self.tidying(domain, logger), self.indexing(domain, logger), self.routing(domain, logger),
            self.sealing(domain, logger), self.counting(domain, logger),
            self.condensing(domain, logger, settings.trafficDays), self.watching(domain, logger),
            self.rollingOut(domain, logger), self.summing(domain, logger), self.beingThere(domain, logger),
            self.delivering(domain, logger),
        ] + self.recording(domain, logger)
    }

    /// Removes what nobody needs and signs the ledger, every hour.
    package static func tidying(
        _ domain: Domain,
        _ logger: Logger,
        pause: Duration = .seconds(3_600)
    ) -> some Service {
        BackgroundWork(name: "tidying up", pause: pause, logger: logger) { round in
            try await domain.signLedger()
            let count = try await domain.tidy(isThorough: round % Self.roundsPerThoroughOne == 0)
            if count > 0 { logger.info("removed files that nobody needs", metadata: ["count": "\(count)"]) }
        }
    }

    /// Reads the tensors of new versions, so that comparing them need not.
    package static func indexing(
        _ domain: Domain,
        _ logger: Logger,
        pause: Duration = .seconds(5)
    ) -> some Service {
        BackgroundWork(name: "indexing tensors", pause: pause, logger: logger) { _ in try await domain.index() }
    }

    /// Follows what other servers deploy.
    private static func routing(_ domain: Domain, _ logger: Logger) -> some Service {
        BackgroundWork(name: "following deployments", pause: .milliseconds(200), logger: logger) { _ in
            try await domain.followDeployments()
        }
    }

    /// Says to other servers that this one is there.
    private static func beingThere(_ domain: Domain, _ logger: Logger) -> some Service {
        BackgroundWork(name: "being there", pause: .seconds(2), logger: logger) { _ in try await domain.effects.beat() }
    }

    /// Makes decisions durable, and brings them into the database.
    private static func recording(_ domain: Domain, _ logger: Logger) -> [any Service] {
        [
            BackgroundWork(name: "securing decisions", pause: .milliseconds(100), logger: logger) { _ in
                try await domain.logs.secureDecisions()
            },
            BackgroundWork(name: "recording decisions", pause: .seconds(1), logger: logger) { _ in
                try await domain.logs.decisions.flush()
            },
        ]
    }

    /// Seals the records of decisions.
    private static func sealing(_ domain: Domain, _ logger: Logger) -> some Service {
        BackgroundWork(name: "sealing decisions", pause: domain.period.pause, logger: logger) { _ in
            try await domain.sealDecisions()
        }
    }

    /// Writes what came of requests.
    private static func counting(_ domain: Domain, _ logger: Logger) -> some Service {
        BackgroundWork(name: "counting traffic", pause: .seconds(1), logger: logger) { _ in
            try await domain.logs.meter.flush()
        }
    }

    /// Makes rows of minutes of rows of seconds, and forgets what is old.
    private static func condensing(_ domain: Domain, _ logger: Logger, _ days: Int) -> some Service {
        BackgroundWork(name: "condensing traffic", pause: .seconds(60), logger: logger) { _ in
            try await domain.traffic.condense()
            try await domain.forgetTraffic(olderThanDays: days)
        }
    }

    /// Does what deployments want done when a version does badly.
    private static func watching(_ domain: Domain, _ logger: Logger) -> some Service {
        LastingWork(name: "watching deployments", logger: logger) { report in
            await domain.watcher.look(every: .seconds(1), report)
        }
    }

    /// Takes the steps of roll-outs.
    private static func rollingOut(_ domain: Domain, _ logger: Logger) -> some Service {
        LastingWork(name: "rolling out", logger: logger) { report in
            await domain.watcher.takeSteps(every: .seconds(1), report)
        }
    }

    /// Counts the features of what was decided.
    private static func summing(_ domain: Domain, _ logger: Logger) -> some Service {
        BackgroundWork(name: "counting features", pause: .seconds(1), logger: logger) { _ in
            try await domain.logs.flushBodies()
        }
    }

    /// Sends what is due to be delivered to webhooks.
    private static func delivering(_ domain: Domain, _ logger: Logger) -> some Service {
        LastingWork(name: "delivering events", logger: logger) { report in
            await domain.dispatcher.run(every: .milliseconds(500), report)
        }
    }
}

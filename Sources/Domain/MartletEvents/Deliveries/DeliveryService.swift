package import MartletCore
package import MartletSearch
package import MartletSQL

/// What was and is to be delivered: looked at, repeated, forgotten.
package struct DeliveryService: Sendable {
    private static let dayMilliseconds: Int64 = 86_400_000
    private static let deliveredDays: Int64 = 7
    private static let deadDays: Int64 = 30

    private let database: any Database
    private let surroundings: Surroundings

    package init(database: any Database, surroundings: Surroundings) {
        self.database = database
        self.surroundings = surroundings
    }

    /// Returns a page of a webhook's deliveries, the newest first.
    ///
    /// - Parameter state: Only those in it.
    package func list(
        of webhookID: String,
        in state: Delivery.State? = nil,
        after position: [PageToken.Field]? = nil,
        limit: Int
    ) async throws(MartletError) -> Page<Delivery> {
        var before = Int64.max
        if let position {
            guard case .integer(let key)? = position.first, position.count == 1 else { throw .foreignPosition }
            before = key
        }
        let start = before
        return try await self.database.read(.search) { db throws(MartletError) in
            let key = try FoundWebhook.find(webhookID, on: db).key
            let rows = try db.query(DeliveryQueries.page(of: key, in: state, before: start, limit: limit))
            let shown = rows.prefix(limit)
            let next = rows.count > limit ? shown.last.map { [PageToken.Field.integer($0.integer(0))] } : nil
            return Page(items: shown.compactMap { DeliveryQueries.decode($0)?.delivery }, next: next)
        }
    }

    /// Puts a delivery that was made or given up back into its line, under the same id.
    ///
    /// - Throws: `conflict` for one that is still on its way.
    package func replay(_ id: String, of webhookID: String) async throws(MartletError) -> Delivery {
        let now = self.surroundings.now()
        return try await self.database.write(.deliveries) { db throws(MartletError) in
            let webhookKey = try FoundWebhook.find(webhookID, on: db).key
            _ = try db.query(DeliveryQueries.lock(webhookKey))
            let (key, subject, _) = try Self.find(id, of: webhookKey, on: db)
            guard try db.execute(DeliveryQueries.requeue(key, at: now)) > 0 else {
                throw MartletError(.conflict, "The delivery '\(id)' is still on its way.")
            }
            try db.execute(DeliveryQueries.promote(webhookKey, subject, at: now))
            return try Self.find(id, of: webhookKey, on: db).delivery
        }
    }

    /// Puts everything back that was given up, and returns how much that was.
    package func replayDead(of webhookID: String) async throws(MartletError) -> Int {
        let now = self.surroundings.now()
        return try await self.database.write(.deliveries) { db throws(MartletError) in
            let key = try FoundWebhook.find(webhookID, on: db).key
            _ = try db.query(DeliveryQueries.lock(key))
            let count = try db.execute(DeliveryQueries.requeueDead(of: key, at: now))
            try db.execute(DeliveryQueries.promoteAll(of: key, at: now))
            return count
        }
    }

    /// Forgets what was delivered a week ago or given up a month ago.
    package func forgetOld() async throws(MartletError) {
        let now = self.surroundings.now().milliseconds
        for (state, days) in [(Delivery.State.delivered, Self.deliveredDays), (.dead, Self.deadDays)] {
            let moment = Timestamp(milliseconds: now - days * Self.dayMilliseconds)
            try await self.database.executeInSteps { DeliveryQueries.forget(state, before: moment, limit: $0) }
        }
        try await self.database.executeInSteps(.everything, DeliveryQueries.forgetEvents)
    }

    private static func find(
        _ id: String,
        of webhookKey: Int64,
        on db: any Connection
    ) throws(MartletError) -> (key: Int64, subject: String, delivery: Delivery) {
        guard let row = try db.queryOne(DeliveryQueries.find(id, of: webhookKey)),
            let (key, delivery) = DeliveryQueries.decode(row)
        else { throw MartletError(.notFound, "The webhook has no delivery '\(id)'.") }
        return (key, row.text(11), delivery)
    }
}

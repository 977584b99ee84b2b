package import MartletCore
package import MartletSQL

/// Removes counts of features that nobody asks for any more.
package struct DriftRetention: Sendable {
    private static let hoursPerDay: Int64 = 24

    private let database: any Database
    private let surroundings: Surroundings

    package init(database: any Database, surroundings: Surroundings) {
        self.database = database
        self.surroundings = surroundings
    }

    /// Removes the hours that began longer ago.
    package func remove(olderThanDays days: Int) async throws(MartletError) {
        let hour = self.surroundings.now().hour - Int64(days) * Self.hoursPerDay
        try await self.database.executeInSteps(.only(WriteKey("drift", "forget"))) {
            DriftQueries.forget(before: hour, limit: $0)
        }
    }
}

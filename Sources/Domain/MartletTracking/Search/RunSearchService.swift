package import MartletCore
package import MartletSearch
package import MartletSQL

/// Finds runs.
package struct RunSearchService: Sendable {
    private let database: any Database

    package init(database: any Database) {
        self.database = database
    }

    /// Returns a page of runs with what they logged.
    ///
    /// - Throws: `invalidArgument` when the query's position does not fit its order.
    package func search(_ query: RunQuery) async throws(MartletError) -> Page<Run> {
        guard !query.experiments.isEmpty else { return Page(items: [], next: nil) }
        let scans = RunScan.scans(for: query)
        let start = try Self.start(of: query, in: scans)
        return try await self.database.read(.search) { db throws(MartletError) in
            let (found, next) = try Self.walk(scans, from: start, query, on: db)
            return Page(items: try RunLoader.load(found, from: db), next: next)
        }
    }

    /// A place in a row of scans: which one, and where in it.
    private struct Start: Sendable {
        var scan = 0
        var position: [PageToken.Field]?
    }

    private static func start(of query: RunQuery, in scans: [RunScan]) throws(MartletError) -> Start {
        guard let fields = query.position else { return Start() }
        guard case .integer(let scan)? = fields.first, scans.indices.contains(Int(scan)) else {
            throw .foreignPosition
        }
        return Start(scan: Int(scan), position: Array(fields.dropFirst()))
    }

    /// Walks until the page is full, and one row further to know whether there is another.
    private static func walk(
        _ scans: [RunScan],
        from start: Start,
        _ query: RunQuery,
        on db: any Connection
    ) throws(MartletError) -> (found: [(key: Int64, info: Run.Info)], next: [PageToken.Field]?) {
        let short = try RunShortlist.find(for: query, on: db)
        var found: [(key: Int64, info: Run.Info)] = []
        var last: [PageToken.Field]?
        for index in start.scan..<scans.count {
            let room = query.limit - found.count
            let position = index == start.scan ? start.position : nil
            let scan = short.map { scans[index].among($0.shortlist) } ?? scans[index]
            let rows = try db.query(try scan.statement(short?.rest ?? query, after: position, limit: room + 1))
            if rows.count > room, room == 0 { return (found, last) }
            found += rows.prefix(room).map(RunQueries.decode)
            if let row = rows.prefix(room).last {
                last = [.integer(Int64(index))] + scan.keyset.position(of: row)
            }
            if rows.count > room { return (found, last) }
        }
        return (found, nil)
    }
}

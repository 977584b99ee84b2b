import MartletBackends

/// What this server runs by itself.
package struct BackendService: Sendable {
    private let supervisor: (any BackendSupervisor)?

    package init(_ addresses: BackendAddresses) {
        self.supervisor = addresses.supervisor
    }

    /// Whether this server runs versions.
    package var isSupervising: Bool { self.supervisor != nil }

    /// Returns how each process is doing.
    ///
    /// - Parameters:
    ///   - model: Of whose versions; `nil` for all.
    ///   - lines: How much of what each has said lately.
    package func backends(model: String?, lines: Int) -> [RunningBackend] {
        let reports = self.supervisor?.reports(lines: lines) ?? []
        return reports.filter { model == nil || $0.version.model == model }.map { RunningBackend($0) }
    }
}

/// A process that this server runs for a version.
package struct RunningBackend: Sendable {
    package let model: String
    package let version: Int64
    /// As people call it.
    package let label: String
    /// In a word that never changes.
    package let state: String
    /// Whether something in force needs it; if not, it is only kept warm.
    package let isNeeded: Bool
    package let process: Int64?
    package let url: String?
    /// How many requests of this server are under way to it.
    package let requests: Int64
    /// How often it was started again.
    package let restarts: Int64
    /// Of it and all that it has started.
    package let memoryBytes: Int64?
    /// Why it ended last, or does not answer.
    package let trouble: String?
    /// The last it said, the oldest line first.
    package let lines: [String]

    init(_ report: BackendReport) {
        self.model = report.version.model
        self.version = report.version.number
        self.label = report.version.label
        self.state = report.state.rawValue
        self.isNeeded = report.isNeeded
        self.process = report.process.map { Int64($0) }
        self.url = report.url
        self.requests = Int64(report.requests)
        self.restarts = Int64(report.restarts)
        self.memoryBytes = report.memoryBytes
        self.trouble = report.trouble
        self.lines = report.lines
    }
}

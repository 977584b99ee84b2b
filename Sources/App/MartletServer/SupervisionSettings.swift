package import MartletSupervisor

/// How a server runs versions by itself.
package struct SupervisionSettings: Sendable {
    package var processes: SupervisorSettings
    /// What calls this program, to be followed by `backend …`; `nil` to run without limits and without a reaper.
    package var program: String?

    package init(processes: SupervisorSettings = SupervisorSettings(), program: String? = nil) {
        self.processes = processes
        self.program = program
        self.processes.launcher = program.map { [$0, "backend", "launch"] }
    }

    /// What keeps watch over a server's processes.
    func reaper(of mark: String) -> [String]? { self.program.map { [$0, "backend", "reap", mark] } }
}

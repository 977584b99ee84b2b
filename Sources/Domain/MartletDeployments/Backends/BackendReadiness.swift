import MartletBackends
import MartletCore
import MartletRouting

/// What must be so of backends before requests go to them.
extension BackendAddresses {
    /// Refuses arms that this server would have to run, if it runs nothing.
    func requireSupervisor(for arms: [Arm]) throws(MartletError) {
        guard self.supervisor == nil, let arm = arms.first(where: { $0.backend == .supervised }) else { return }
        throw MartletError(
            .conflict,
            "\(arm.version.label) has no URL, and this server runs no versions by itself: say where it answers "
                + "(--url), or start the server with --supervise."
        )
    }

    /// Starts what this server runs itself, and asks every backend that somebody will wait for.
    ///
    /// - Parameter advice: What to do when one does not answer and that shall not matter.
    /// - Throws: `unavailable` when one cannot be asked, with its name and the reason.
    func prepare(
        _ arms: [Arm],
        settings: DeploymentSettings,
        advice: String
    ) async throws(MartletError) {
        let answering = arms.filter { $0.role.answers && $0.share > .none }
        let failure = await withTaskGroup(of: MartletError?.self) { group in
            for arm in answering {
                group.addTask { await self.failure(of: arm, settings) }
            }
            var failure: MartletError?
            for await found in group where failure == nil { failure = found }
            return failure
        }
        guard let failure else { return }
        throw MartletError(failure.code, "\(failure.message). Nothing was changed; \(advice)", cause: failure.cause)
    }

    private func failure(of arm: Arm, _ settings: DeploymentSettings) async -> MartletError? {
        switch arm.backend {
        case .supervised:
            do throws(MartletError) {
                try await self.supervisor?.prepare(RunnableVersion(arm.version))
                return nil
            } catch {
                return error
            }
        case .url(let url):
            guard let trouble = await self.probe?.trouble(at: url, path: settings.healthPath) else { return nil }
            return MartletError(.unavailable, "The backend of '\(arm.name)', \(url), \(trouble)")
        }
    }
}

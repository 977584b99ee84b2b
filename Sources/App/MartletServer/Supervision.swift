import MartletSupervisor
import ServiceLifecycle

/// Runs versions for as long as the server runs; it stops after everything that asks them.
struct Supervision: Service {
    let supervisor: ProcessSupervisor
    let settings: SupervisionSettings
    /// Where this server answers on its own machine, as soon as it does.
    let serverURL: AsyncStream<String>

    func run() async {
        await cancelWhenGracefulShutdown {
            var urls = self.serverURL.makeAsyncIterator()
            guard let url = await urls.next() else { return }
            await withDiscardingTaskGroup { group in
                if let command = self.settings.reaper(of: self.supervisor.mark) {
                    group.addTask { await BackendReaper.keep(command) }
                }
                group.addTask { await FirstProcess.removeDeadChildren() }
                await self.supervisor.run(with: ["MLFLOW_TRACKING_URI": url, "MLFLOW_REGISTRY_URI": url])
                group.cancelAll()
            }
        }
    }
}

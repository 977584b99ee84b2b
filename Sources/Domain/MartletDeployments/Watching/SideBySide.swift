import MartletCore
import Synchronization

/// Does something for each of several things again and again, never twice at once for one of them, so that what takes
/// long holds nothing else up.
final class SideBySide: Sendable {
    typealias Work = @Sendable () async throws(MartletError) -> Void

    private struct State {
        var underWay: Set<Int64> = []
        var hasFailed = false
    }

    private let state = Mutex(State())

    /// Looks for what is due, and does it, until the task is cancelled.
    ///
    /// - Parameters:
    ///   - pause: Between two looks.
    ///   - report: Told what fails; `nil` when nothing has since the last look.
    ///   - due: What is to be done now, by the keys of what it is done for.
    func run(
        every pause: Duration,
        _ report: @escaping @Sendable (MartletError?) -> Void,
        due: @Sendable () async throws(MartletError) -> [(key: Int64, work: Work)]
    ) async {
        await withDiscardingTaskGroup { tasks in
            while !Task.isCancelled {
                do throws(MartletError) {
                    for (key, work) in try await due() where self.begin(key) {
                        tasks.addTask { await self.finish(key, work, report) }
                    }
                    if !self.takeHasFailed() { report(nil) }
                } catch {
                    report(error)
                }
                // Throws when the server stops, and that ends the loop.
                try? await Task.sleep(for: pause)
            }
        }
    }

    private func begin(_ key: Int64) -> Bool { self.state.withLock { $0.underWay.insert(key).inserted } }

    private func finish(_ key: Int64, _ work: Work, _ report: (MartletError?) -> Void) async {
        var failure: MartletError?
        do throws(MartletError) { try await work() } catch { failure = error }
        if let failure { report(failure) }
        self.state.withLock { state in
            state.underWay.remove(key)
            if failure != nil { state.hasFailed = true }
        }
    }

    private func takeHasFailed() -> Bool {
        self.state.withLock { state in
            defer { state.hasFailed = false }
            return state.hasFailed
        }
    }
}

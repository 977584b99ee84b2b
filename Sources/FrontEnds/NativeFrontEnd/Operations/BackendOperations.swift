import HTTPTypes
import Hummingbird
import MartletCore
import MartletDeployments
import MartletHTTP
import MartletWire

/// `/backends`: what this server runs by itself.
struct BackendOperations {
    private static let linesMax: Int64 = 1_000

    let services: NativeServices

    var all: [Operation] {
        [
            .get(
                "/backends",
                "listBackends",
                "Show the processes that this server runs for versions",
                // What they say is for those who run them.
                needs: .deploy,
                query: [
                    .init("model", "Only of its versions"),
                    .init("lines", .integer, "How much of what each has said lately; none where absent"),
                ],
                answer: .json(.init(of: BackendList.self))
            ) { request throws(MartletError) in
                let lines = try request.integer("lines") ?? 0
                guard (0...Self.linesMax).contains(lines) else {
                    throw .invalid("'lines' is a number from 0 to \(Self.linesMax).")
                }
                let service = self.services.backends
                let backends = service.backends(model: request.text("model"), lines: Int(lines))
                return try .json(
                    BackendList(supervised: service.isSupervising, backends: backends.map { BackendRecord($0) })
                )
            }
        ]
    }
}

extension BackendRecord {
    fileprivate init(_ backend: RunningBackend) {
        self.init(
            model: backend.model,
            version: backend.version,
            label: backend.label,
            state: backend.state,
            needed: backend.isNeeded,
            process: backend.process,
            url: backend.url,
            requests: backend.requests,
            restarts: backend.restarts,
            memoryBytes: backend.memoryBytes,
            trouble: backend.trouble,
            lines: backend.lines
        )
    }
}

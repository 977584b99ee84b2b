import ArgumentParser
import FoundationEssentials
import Glibc
import MartletClient

/// Which registry a command talks to, and who acts.
package struct ConnectionOptions: ParsableArguments {
    static let defaultURL = "http://127.0.0.1:5000"

    @Option(
        help: ArgumentHelp(
            "The server. [env: MARTLET_URL, then MLFLOW_TRACKING_URI] (default: \(Self.defaultURL))",
            valueName: "url"
        )
    )
    var server: String?

    @Option(help: ArgumentHelp("Open this data folder instead, with no server.", valueName: "dir"))
    var data: String?

    @Option(help: ArgumentHelp("Who acts. [env: MARTLET_ACTOR] (default: the user's name)", valueName: "name"))
    var actor: String?

    package init() {}

    package func validate() throws {
        if self.server != nil, self.data != nil {
            throw ValidationError("--server and --data exclude each other")
        }
    }

    /// Lends a client of the server, or of the data folder.
    ///
    /// - Parameter makesData: Whether a data folder is made when there is none.
    func withClient<Value: Sendable>(
        makesData: Bool = false,
        _ body: (MartletClient) async throws -> Value
    ) async throws -> Value {
        let actor = self.actorName(ProcessInfo.processInfo.environment)
        guard let data else {
            return try await withMartletClient(url: self.url(ProcessInfo.processInfo.environment), actor: actor, body)
        }
        return try await LocalData(path: data, makesData: makesData).withServer { url in
            try await withMartletClient(url: url, actor: actor, body)
        }
    }

    /// What the registry is called where something is remembered about it.
    var registryName: String {
        guard let data else { return self.url(ProcessInfo.processInfo.environment) }
        return "file://" + LocalData.absolutePath(data)
    }

    package func url(_ environment: [String: String]) -> String {
        if let server { return server }
        if let url = environment["MARTLET_URL"], !url.isEmpty { return url }
        // MLflow's own variable may name a folder or a database, too.
        if let url = environment["MLFLOW_TRACKING_URI"], url.hasPrefix("http://") || url.hasPrefix("https://") {
            return url
        }
        return Self.defaultURL
    }

    package func actorName(_ environment: [String: String]) -> String? {
        if let actor { return actor }
        if let actor = environment["MARTLET_ACTOR"], !actor.isEmpty { return actor }
        guard let user = getpwuid(getuid()) else { return environment["USER"] }
        return String(cString: user.pointee.pw_name)
    }
}

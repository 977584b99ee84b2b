import HTTPTypes
import MartletCore
import MartletJSON

/// `server-info`: what the client asks before it uses what not every server has.
struct ServerInfoRoutes {
    func register(on routes: MLflowRoutes) {
        routes.on(.get, "server-info", needs: .readOperations) { _ throws(MartletError) in
            .object { json in
                json.member("store_type", "SqlStore")
                json.member("workspaces_enabled", false)
                json.member("trace_archival_enabled", false)
                // Parts work, but on one machine the bytes would only be written twice. Clients may still ask for them.
                json.member("multipart_uploads_enabled", false)
                json.member("multipart_downloads_enabled", false)
            }
        }
    }
}

package import Hummingbird
package import MartletCore

extension Request {
    /// The entry of the ledger that `If-Match` (RFC 9110, section 13.1.1) says moved a version last; `nil` when it says
    /// nothing.
    ///
    /// - Throws: `invalidArgument` for what is no entity tag of a version.
    package func expectedRevision() throws(MartletError) -> Int64? {
        guard let field = self.headers[.ifMatch], field != "*" else { return nil }
        let parts = field.split(separator: "\"", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].isEmpty, parts[2].isEmpty, let revision = Int64(parts[1]) else {
            throw .invalid("If-Match is the entity tag of a version, as in \"17\".")
        }
        return revision
    }
}

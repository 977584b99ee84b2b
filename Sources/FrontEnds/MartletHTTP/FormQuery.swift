package import MartletCore

/// Query strings as HTML forms and Python's `requests` write them (`application/x-www-form-urlencoded`).
///
/// Hummingbird's own query parameters keep a `+` as it is; here it is a space.
package enum FormQuery {
    /// The items of a query in their order, decoded once.
    ///
    /// - Throws: `invalidArgument` for bytes that are not UTF-8.
    package static func items(_ query: String) throws(MartletError) -> [(name: String, value: String)] {
        var items: [(name: String, value: String)] = []
        for item in query.utf8.split(separator: UInt8(ascii: "&")) {
            let parts = item.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            items.append((try self.decoded(parts[0]), parts.count > 1 ? try self.decoded(parts[1]) : ""))
        }
        return items
    }

    private static func decoded(_ text: Substring.UTF8View) throws(MartletError) -> String {
        guard let decoded = String(validating: PercentEncoding.decode(text, plusIsSpace: true), as: UTF8.self) else {
            throw .invalid("The query is not UTF-8.")
        }
        return decoded
    }
}

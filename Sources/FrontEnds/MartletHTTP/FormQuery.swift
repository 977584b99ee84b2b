import MartletCore

/// Query strings as HTML forms and Python's `requests` write them (`application/x-www-form-urlencoded`).
///
/// Hummingbird's own query parameters keep a `+` as it is; here it is a space.
package enum FormQuery {
    /// The items of a query in their order, decoded once.
    package static func items(_ query: String) -> [(name: String, value: String)] {
        query.utf8.split(separator: UInt8(ascii: "&")).map { item in
            let parts = item.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            return (name: self.decoded(parts[0]), value: parts.count > 1 ? self.decoded(parts[1]) : "")
        }
    }

    private static func decoded(_ text: Substring.UTF8View) -> String {
        String(decoding: PercentEncoding.decode(text, plusIsSpace: true), as: UTF8.self)
    }
}

package import MartletCore
package import MartletJSON

/// Something that happened, as receivers are told of it.
package struct Event: Sendable {
    package let kind: EventKind
    /// What it happened to, for our own use: events of one subject are delivered in their order.
    package let subject: String
    package let at: Timestamp
    /// The message, in the shape that MLflow 3.17 sends.
    package let body: String

    /// - Parameters:
    ///   - subject: The same for all that must stay in order.
    ///   - data: Writes the members that tell of it.
    package init(
        _ kind: EventKind,
        of subject: String,
        at now: Timestamp,
        data: (inout JSONWriter) -> Void
    ) {
        self.kind = kind
        self.subject = subject
        self.at = now
        var json = JSONWriter()
        json.beginObject()
        json.member("entity", kind.entity)
        json.member("action", kind.action)
        // An offset in numbers, as Python before 3.11 needs it.
        json.member("timestamp", "\(now.text.dropLast())+00:00")
        json.object("data", data)
        json.endObject()
        self.body = String(decoding: json.bytes, as: UTF8.self)
    }
}

import MartletSQL

/// A delivery that this server alone may send, for a while.
package struct TakenDelivery: Sendable {
    let key: Int64
    let id: DeliveryID
    let webhookKey: Int64
    let subject: String
    /// From 1 on.
    let attempt: Int64
    let webhookID: String
    let url: String
    let secret: SealedSecret?
    let body: String
    /// What shows that nobody else has taken it since; the same for all that were taken at once.
    let lease: String
}

extension WriteScope {
    /// What takes, settles or repeats deliveries: of several servers one at a time. Whoever adds deliveries holds a
    /// lock on their webhooks, and so does whoever takes one out of a line.
    static let deliveries = WriteScope.only(WriteKey("deliveries", ""))
}

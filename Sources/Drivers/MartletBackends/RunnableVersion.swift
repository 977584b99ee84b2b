/// A version as whoever runs it needs to know it.
package struct RunnableVersion: Sendable, Hashable {
    /// Names it for good.
    package let key: Int64
    package let model: String
    package let number: Int64
    /// As people call it.
    package let label: String

    package init(key: Int64, model: String, number: Int64, label: String) {
        self.key = key
        self.model = model
        self.number = number
        self.label = label
    }
}

/// A name and a text, attached to an experiment, a run or a model.
package struct Tag: Sendable, Hashable {
    package var key: String
    package var value: String

    package init(key: String, value: String) {
        self.key = key
        self.value = value
    }
}

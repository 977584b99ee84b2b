/// What one input or output of a model is made of.
package indirect enum SignatureType: Sendable, Hashable {
    /// By MLflow's name: `boolean`, `integer`, `long`, `float`, `double`, `string`, `binary`, `datetime`, `any`, and
    /// whatever a later version adds.
    case scalar(String)
    /// The element's type by numpy's name; -1 stands for a dimension of any size.
    case tensor(element: String, shape: [Int64])
    case array(SignatureType)
    /// A map from texts.
    case map(SignatureType)
    /// Fields with distinct names, sorted by them.
    case object([SignatureField])

    /// A few words for a person.
    package var summary: String {
        switch self {
        case .scalar(let name): name
        case .tensor(let element, let shape): "tensor of \(element) \(Self.summary(of: shape))"
        case .array(let element): "array of \(element.summary)"
        case .map(let value): "map of \(value.summary)"
        case .object: "object"
        }
    }

    /// A shape, of which a person wants to see the beginning.
    static func summary(of shape: [Int64]) -> String {
        let shown = shape.prefix(8).map { "\($0)" } + (shape.count > 8 ? ["…"] : [])
        return "[\(shown.joined(separator: ", "))]"
    }
}

/// One input or output of a model, or one property of an object.
package struct SignatureField: Sendable, Hashable {
    /// `nil` for what is found by its position.
    package let name: String?
    package let type: SignatureType
    package let isRequired: Bool

    package init(name: String?, type: SignatureType, isRequired: Bool = true) {
        self.name = name
        self.type = type
        self.isRequired = isRequired
    }
}

/// Something that a caller may set for one call.
package struct SignatureParam: Sendable, Hashable {
    package let name: String
    package let type: SignatureType
    /// `nil` for a single value; [-1] for a list.
    package let shape: [Int64]?
    /// `nil` when the model says nothing, which is not the same as a default of null.
    package let defaultValue: SignatureValue?

    package init(name: String, type: SignatureType, shape: [Int64]? = nil, defaultValue: SignatureValue? = nil) {
        self.name = name
        self.type = type
        self.shape = shape
        self.defaultValue = defaultValue
    }
}

internal import MartletCore

/// Compares two signatures and collects what it finds.
struct SignatureComparison {
    private var breaking: [String] = []
    private var harmless: [String] = []

    /// Which way values go: a new type must accept what callers give, and give what they accept.
    enum Direction: String {
        case given = "input"
        case returned = "output"
    }

    var change: SignatureChange {
        if self.breaking.isEmpty { return self.harmless.isEmpty ? .same : .compatible(reasons: self.harmless) }
        return .incompatible(reasons: self.breaking, compatible: self.harmless)
    }

    private mutating func note(_ isCompatible: Bool, _ reason: String) {
        guard self.breaking.count + self.harmless.count < CaptureLimits.reasons else {
            // Whether there is any that breaks must not depend on how many do not.
            if !isCompatible, self.breaking.isEmpty { self.breaking.append(reason) }
            return
        }
        if isCompatible { self.harmless.append(reason) } else { self.breaking.append(reason) }
    }
}

extension SignatureComparison {
    /// Compares all inputs, or all outputs.
    mutating func compare(_ newer: [SignatureField]?, from older: [SignatureField]?, _ direction: Direction) {
        switch (older, newer) {
        case (nil, nil): break
        case (nil, _?): self.note(true, "\(direction.rawValue)s are now stated")
        case (_?, nil): self.note(false, "\(direction.rawValue)s are no longer stated")
        case (let older?, let newer?): self.compareFields(newer, from: older, direction, in: nil)
        }
    }

    /// - Parameter object: What the fields are properties of.
    private mutating func compareFields(
        _ newer: [SignatureField],
        from older: [SignatureField],
        _ direction: Direction,
        in object: String?
    ) {
        let newerByKey = Dictionary(uniqueKeysWithValues: zip(Self.keys(of: newer), newer))
        let olderKeys = Self.keys(of: older)
        for (index, (key, field)) in zip(olderKeys, older).enumerated() {
            let place = Self.place(of: field, at: index, direction, in: object)
            if let other = newerByKey[key] {
                self.compare(other, from: field, direction, at: place)
            } else {
                let isIgnored = direction == .given && field.name != nil && object == nil
                self.note(isIgnored, "\(place) was removed" + (isIgnored ? "; what is sent for it is ignored" : ""))
            }
        }
        let known = Set(olderKeys)
        for (index, (key, field)) in zip(Self.keys(of: newer), newer).enumerated() where !known.contains(key) {
            let place = Self.place(of: field, at: index, direction, in: object)
            switch direction {
            case .returned: self.note(true, "\(place) was added")
            case .given:
                self.note(!field.isRequired, "\(field.isRequired ? "required" : "optional") \(place) was added")
            }
        }
    }

    private mutating func compare(
        _ newer: SignatureField,
        from older: SignatureField,
        _ direction: Direction,
        at place: String
    ) {
        if newer.isRequired != older.isRequired {
            self.note(
                newer.isRequired == (direction == .returned),
                "\(place) became \(newer.isRequired ? "required" : "optional")"
            )
        }
        self.compareType(newer.type, from: older.type, direction, at: place)
    }

    private mutating func compareType(
        _ newer: SignatureType,
        from older: SignatureType,
        _ direction: Direction,
        at place: String
    ) {
        guard newer != older else { return }
        switch (older, newer) {
        case (.array(let old), .array(let new)):
            self.compareType(new, from: old, direction, at: "an element of \(place)")
        case (.map(let old), .map(let new)):
            self.compareType(new, from: old, direction, at: "a value of \(place)")
        case (.object(let old), .object(let new)):
            self.compareFields(new, from: old, direction, in: place)
        default:
            let isCompatible =
                direction == .given ? newer.accepts(older) : newer.isTensor && older.accepts(newer)
            self.note(isCompatible, "\(place) changed from \(older.summary) to \(newer.summary)")
        }
    }

    /// Compares what callers may set.
    mutating func compare(_ newer: [SignatureParam], from older: [SignatureParam]) {
        let newerByName = Dictionary(uniqueKeysWithValues: newer.map { (ExactText($0.name), $0) })
        for param in older {
            if let other = newerByName[ExactText(param.name)] {
                self.compare(other, from: param)
            } else {
                self.note(false, "param '\(param.name)' was removed")
            }
        }
        let known = Set(older.map { ExactText($0.name) })
        for param in newer where !known.contains(ExactText(param.name)) {
            let hasDefault = param.defaultValue != nil
            self.note(hasDefault, "param '\(param.name)' was added" + (hasDefault ? "" : " without a default"))
        }
    }

    private mutating func compare(_ newer: SignatureParam, from older: SignatureParam) {
        let place = "param '\(older.name)'"
        self.compareType(newer.type, from: older.type, .given, at: place)
        if newer.shape != older.shape {
            let isCompatible =
                if let new = newer.shape, let old = older.shape { SignatureType.shape(new, accepts: old) } else {
                    false
                }
            let words = { (shape: [Int64]?) in shape.map { "a list \(SignatureType.summary(of: $0))" } ?? "one value" }
            self.note(isCompatible, "\(place) changed from \(words(older.shape)) to \(words(newer.shape))")
        }
        switch (older.defaultValue, newer.defaultValue) {
        case (_?, nil): self.note(false, "\(place) lost its default")
        case (let old, let new) where old != new: self.note(true, "\(place) got another default")
        default: break
        }
    }

    /// What tells fields apart: the name, or the position where there is none.
    private static func keys(of fields: [SignatureField]) -> [FieldKey] {
        fields.enumerated().map { index, field in field.name.map { .name(ExactText($0)) } ?? .position(index) }
    }

    private enum FieldKey: Hashable {
        case name(ExactText)
        case position(Int)
    }

    private static func place(
        of field: SignatureField,
        at index: Int,
        _ direction: Direction,
        in object: String?
    ) -> String {
        if let object { return "property '\(field.name ?? "")' of \(object)" }
        return field.name.map { "\(direction.rawValue) '\($0)'" } ?? "\(direction.rawValue) \(index + 1)"
    }
}

extension SignatureType {
    var isTensor: Bool {
        if case .tensor = self { true } else { false }
    }

    /// Whether whatever is of the `older` type may be given where this one is asked for.
    func accepts(_ older: SignatureType) -> Bool {
        switch (older, self) {
        case (_, .scalar("any")): true
        // What MLflow converts when a model is called.
        case (.scalar("integer"), .scalar("long")), (.scalar("integer"), .scalar("double")),
            (.scalar("float"), .scalar("double")):
            true
        case (.tensor(let old, let oldShape), .tensor(let new, let newShape)):
            old == new && Self.shape(newShape, accepts: oldShape)
        default: self == older
        }
    }

    /// Whether each dimension is as it was, or may now be of any size.
    static func shape(_ shape: [Int64], accepts older: [Int64]) -> Bool {
        shape.count == older.count && zip(shape, older).allSatisfy { $0 == $1 || $0 == -1 }
    }
}

import MartletCore
import MartletJSON
import MartletTracking

/// MLflow's rules for the names and values that clients log.
enum EntityValidation {
    /// Checks the name of a metric, param or tag.
    ///
    /// - Parameter parameter: Where the name stands in the request, as in `metrics[0].name`.
    static func checkName(_ name: String, parameter: @autoclosure () -> String) throws(MartletError) {
        guard self.hasOnlyNameCharacters(name) else {
            throw self.invalid(
                name,
                parameter(),
                "Names may only contain alphanumerics, underscores (_), dashes (-), periods (.), spaces ( ), "
                    + "colon(:) and slashes (/)."
            )
        }
        let resolved = self.resolved(name)
        guard resolved == name, name != ".", !name.hasPrefix(".."), !name.hasPrefix("/") else {
            throw self.invalid(
                name,
                parameter(),
                "Names may be treated as files in certain cases, and must not resolve to other names when treated "
                    + "as such. This name would resolve to '\(resolved)'"
            )
        }
    }

    /// Checks a length in characters, which are Unicode scalars here as they are in Python.
    static func checkLength(
        _ text: String,
        max: Int,
        called name: @autoclosure () -> String
    ) throws(MartletError) {
        guard text.utf8.count <= max || text.unicodeScalars.count <= max else {
            throw .invalid("'\(name())' exceeds the maximum length of \(max) characters")
        }
    }

    /// Cuts a text down to a number of characters, as MLflow does with long values.
    static func truncated(_ text: String, max: Int) -> String {
        guard text.utf8.count > max else { return text }
        return String(String.UnicodeScalarView(text.unicodeScalars.prefix(max)))
    }

    /// The refusal of a value, in MLflow's words.
    static func invalid(_ value: String, _ parameter: String, _ reason: String) -> MartletError {
        var json = JSONWriter()
        json.string(value)
        let shown = String(decoding: json.bytes, as: UTF8.self)
        return .invalid("Invalid value \(shown) for parameter '\(parameter)' supplied: \(reason)")
    }

    private static func hasOnlyNameCharacters(_ name: String) -> Bool {
        name.unicodeScalars.allSatisfy { character in
            switch character {
            case "a"..."z", "A"..."Z", "0"..."9", "_", "/", ".", "-", " ", ":": true
            default: character.value >= 0x80 && self.isWordCharacter(character)
            }
        }
    }

    private static func isWordCharacter(_ character: Unicode.Scalar) -> Bool {
        character.properties.isAlphabetic || character.properties.numericType != nil
    }

    /// What a name would be as a POSIX path without `.`, `..` and repeated slashes.
    private static func resolved(_ name: String) -> String {
        if !name.utf8.contains(UInt8(ascii: "/")), !name.hasPrefix(".") { return name }
        var parts: [Substring] = []
        for part in name.split(separator: "/") where part != "." {
            if part == "..", let last = parts.last, last != ".." {
                parts.removeLast()
            } else if part != ".." || !name.hasPrefix("/") {
                parts.append(part)
            }
        }
        let path = parts.joined(separator: "/")
        if name.hasPrefix("/") { return "/\(path)" }
        return path.isEmpty ? "." : path
    }
}

extension EntityValidation {
    static func metric(_ fields: MLflowFields) throws(MartletError) -> Metric {
        let key = try fields.requiredString("key")
        let value = try fields.requiredDouble("value")
        let timestamp = try fields.requiredInteger("timestamp")
        try self.checkName(key, parameter: fields.qualified("name"))
        guard timestamp >= 0 else {
            throw .invalid(
                "Invalid value \(timestamp) for parameter '\(fields.qualified("timestamp"))' supplied: "
                    + "metric '\(key)' (value=\(value)). Timestamp must be a nonnegative long (64-bit integer) "
            )
        }
        try self.checkLength(key, max: Limits.entityKeyCharacters, called: "Metric name")
        let point = MetricPoint(
            value: value,
            step: try fields.integer("step") ?? 0,
            loggedAt: Timestamp(milliseconds: timestamp)
        )
        return Metric(key: key, point: point)
    }

    static func param(_ fields: MLflowFields) throws(MartletError) -> Param {
        let key = try fields.requiredString("key")
        try self.checkName(key, parameter: fields.qualified("key"))
        try self.checkLength(key, max: Limits.entityKeyCharacters, called: "Param key")
        let value = try fields.string("value") ?? ""
        return Param(key: key, value: self.truncated(value, max: Limits.paramValueCharacters))
    }

    /// Reads a run's tag.
    static func runTag(_ fields: MLflowFields) throws(MartletError) -> Tag {
        let key = try fields.requiredString("key")
        try self.checkName(key, parameter: fields.qualified("key"))
        try self.checkLength(key, max: Limits.entityKeyCharacters, called: fields.qualified("key"))
        let value = try fields.string("value") ?? ""
        return Tag(key: key, value: self.truncated(value, max: Limits.runTagValueCharacters))
    }

    /// Reads an experiment's tag, whose value is refused rather than cut when it is too long.
    static func experimentTag(_ fields: MLflowFields) throws(MartletError) -> Tag {
        let key = try fields.requiredString("key")
        try self.checkName(key, parameter: "key")
        try self.checkLength(key, max: Limits.entityKeyCharacters, called: "key")
        let value = try fields.string("value") ?? ""
        try self.checkLength(value, max: Limits.experimentTagValueCharacters, called: "value")
        return Tag(key: key, value: value)
    }
}

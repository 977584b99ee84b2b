package import MartletCore
package import MartletJSON
import MartletRegistry

/// How settings are written, for programs, in rows and in the ledger.
extension DeploymentSettings {
    private static let names: Set = [
        "attempts", "bodyBytesMax", "conditions", "decisions", "drift", "freezes", "healthPath", "keepDays",
        "payloads", "shadowIgnore", "shadowTolerance", "stages", "subject", "timeoutMs",
    ]

    /// What is not named keeps its value.
    ///
    /// - Throws: `invalidArgument` that says which part cannot be meant.
    package mutating func change(_ json: JSONValue) throws(MartletError) {
        guard json.kind == .object else { throw .invalid("Settings are a JSON object.") }
        for (name, value) in json.members {
            guard let name = name.string, Self.names.contains(name) else {
                let known = Self.names.sorted().joined(separator: ", ")
                throw .invalid("A deployment has no setting \(name.source); it has \(known).")
            }
            try self.change(name, to: value)
        }
        try self.requireMeasured()
    }

    private mutating func change(_ name: String, to value: JSONValue) throws(MartletError) {
        switch name {
        case "attempts": self.attemptsMax = Int(try value.whole(name, 1...5))
        case "bodyBytesMax": self.bodyBytesMax = try value.whole(name, 1...(1 << 40))
        case "keepDays": self.keepDays = value.kind == .null ? nil : try value.whole(name, 1...36_500)
        case "payloads": self.payloads = value.kind == .null ? nil : try PayloadSettings(value, changing: self.payloads)
        case "shadowIgnore": self.shadowIgnored = try value.places("shadowIgnore")
        case "shadowTolerance": self.shadowTolerance = try value.part(name)
        case "timeoutMs": self.timeoutMilliseconds = try value.whole(name, 1...3_600_000)
        case "drift": self.drift = value.kind == .null ? nil : try DriftSettings(value)
        case "healthPath": self.healthPath = value.kind == .null ? nil : try value.path("healthPath")
        case "subject": self.subject = value.kind == .null ? nil : try SubjectSource(value)
        case "decisions":
            guard let recording = Recording(rawValue: value.string ?? "") else {
                throw .invalid("'decisions' is 'strict', 'relaxed' or 'off'.")
            }
            self.recording = recording
        case "stages":
            self.stages = try value.elements.map { item throws(MartletError) in
                try StageName(validating: item.string ?? "")
            }
        case "conditions": self.conditions = try [Condition](value)
        default:
            self.freezes = try value.elements.map { item throws(MartletError) in try FreezeWindow(item) }
        }
    }

    package var json: CanonicalJSON {
        .object([
            .init("attempts", CanonicalJSON(Int64(self.attemptsMax))),
            .init("bodyBytesMax", CanonicalJSON(self.bodyBytesMax)),
            .init("conditions", .array(self.conditions.map { .string($0.text) })),
            .init("decisions", .string(self.recording.rawValue)),
            .init("drift", self.drift?.json ?? .null),
            .init("freezes", .array(self.freezes.map(\.json))),
            .init("keepDays", self.keepDays.map { CanonicalJSON($0) } ?? .null),
            .init("healthPath", self.healthPath.map(CanonicalJSON.string) ?? .null),
            .init("payloads", self.payloads?.json ?? .null),
            .init("shadowIgnore", CanonicalJSON(places: self.shadowIgnored)),
            .init("shadowTolerance", .number(self.shadowTolerance)),
            .init("stages", .array(self.stages.map { .string($0.rawValue) })),
            .init("subject", self.subject?.json ?? .null),
            .init("timeoutMs", CanonicalJSON(self.timeoutMilliseconds)),
        ])
    }

    /// Reads what ``json`` wrote.
    init(stored text: String) throws(MartletError) {
        self.init()
        guard let document = try? JSONDocument(parsing: Array(text.utf8), depthMax: Limits.jsonDepth) else {
            throw MartletError(.integrity, "the settings of a revision cannot be read")
        }
        try self.change(document.root)
    }
}

extension DeploymentSettings.SubjectSource {
    /// Reads `{"header": "x-user"}`, `{"cookie": "session"}` or `{"member": ["user", "id"]}`.
    fileprivate init(_ json: JSONValue) throws(MartletError) {
        let members = Array(json.members)
        guard members.count == 1, let (kind, value) = members.first else {
            throw .invalid("'subject' names one 'header', one 'cookie' or one 'member'.")
        }
        switch kind.string {
        case "header": self = .header(try value.token("header").lowercased())
        case "cookie": self = .cookie(try value.token("cookie"))
        case "member":
            self = .member(try value.place("'member'"))
        default: throw .invalid("'subject' names one 'header', one 'cookie' or one 'member'.")
        }
    }

    fileprivate var json: CanonicalJSON {
        switch self {
        case .header(let name): .object([.init("header", .string(name))])
        case .cookie(let name): .object([.init("cookie", .string(name))])
        case .member(let names): .object([.init("member", .array(names.map(CanonicalJSON.string)))])
        }
    }
}

extension FreezeWindow {
    fileprivate init(_ json: JSONValue) throws(MartletError) {
        guard let from = json["from"]?.string, let to = json["to"]?.string else {
            throw .invalid("A freeze has 'from' and 'to', and may have a 'reason'.")
        }
        try self.init(
            start: try Timestamp(text: from),
            end: try Timestamp(text: to),
            reason: json["reason"]?.string ?? ""
        )
    }

    fileprivate var json: CanonicalJSON {
        .object([
            .init("from", .string(self.start.text)), .init("to", .string(self.end.text)),
            .init("reason", .string(self.reason)),
        ])
    }
}

extension JSONValue {
    fileprivate func whole(_ name: String, _ range: ClosedRange<Int64>) throws(MartletError) -> Int64 {
        guard let number = self.integer, range.contains(number) else {
            throw .invalid("'\(name)' is a whole number from \(range.lowerBound) to \(range.upperBound).")
        }
        return number
    }

    fileprivate func part(_ name: String) throws(MartletError) -> Double {
        guard let number = self.double, (0...1).contains(number) else {
            throw .invalid("'\(name)' is a number from 0 to 1.")
        }
        return number
    }

    /// A path as it stands in a request.
    fileprivate func path(_ name: String) throws(MartletError) -> String {
        guard let text = self.string, text.hasPrefix("/"), text.utf8.count <= 1_000,
            text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "#") })
        else { throw .invalid("The '\(name)' is a path that begins with '/', as in '/health'.") }
        return text
    }

    /// A `token` of RFC 9110, section 5.6.2: what a field or a cookie can be called.
    fileprivate func token(_ name: String) throws(MartletError) -> String {
        let others = "!#$%&'*+-.^_`|~".utf8
        let text = self.string ?? ""
        let isToken = text.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                || others.contains(byte)
        }
        guard isToken, (1...100).contains(text.utf8.count) else { throw .invalid("The '\(name)' has no such name.") }
        return text
    }
}

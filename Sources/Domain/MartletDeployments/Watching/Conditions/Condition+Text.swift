package import MartletCore
import MartletRouting

/// How conditions are written: docs/watching.md.
extension Condition {
    private static let bytesMax = 500
    private static let minimumFloor: Int64 = 20
    private static let minimumCeiling: Int64 = 10_000
    private static let countMax: Int64 = 1_000_000_000
    /// Traffic is written every second, so that less might see none of it.
    private static let windowMin = TimeSpan(milliseconds: 2_000)
    private static let windowMax = TimeSpan(milliseconds: 86_400_000)

    /// Reads a sentence such as `error rate over 2% for 5m: roll back`.
    ///
    /// - Throws: `invalidArgument` that says which part cannot be meant.
    package init(validating text: String) throws(MartletError) {
        guard text.utf8.count <= Self.bytesMax, text.unicodeScalars.allSatisfy({ $0.value >= 0x20 }) else {
            throw .invalid("A condition has at most \(Self.bytesMax) bytes and no control characters.")
        }
        guard let colon = text.lastIndex(of: ":") else { throw .unreadable(text, "it has no ': ' and action") }
        let word = text[text.index(after: colon)...].split(separator: " ").joined(separator: " ")
        guard let action = Action(rawValue: word) else {
            let known = Action.allCases.map { "'\($0.rawValue)'" }.joined(separator: ", ")
            throw .unreadable(text, "there is no action '\(word)'; there is \(known)")
        }
        var words = text[..<colon].split(separator: " ").map(String.init)
        guard let place = words.lastIndex(where: { Bound(rawValue: $0) != nil }), place > 0, place + 1 < words.count,
            let bound = Bound(rawValue: words[place])
        else { throw .unreadable(text, "it does not say 'over' or 'under' which value") }
        let measured = words[..<place].joined(separator: " ")
        words.removeFirst(place + 1)
        var tail = Tail(words)
        try self.init(measured, bound, &tail, action, of: text)
        guard tail.isEmpty else { throw .unreadable(text, "nothing is known of '\(tail.text)'") }
    }

    private init(
        _ measured: String,
        _ bound: Bound,
        _ tail: inout Tail,
        _ action: Action,
        of text: String
    ) throws(MartletError) {
        let value = tail.next()
        let window = try tail.span(after: "for")
        let (minimum, noun) = try tail.count(after: "on", atMost: Self.countMax)
        let measure: Measure =
            if measured == "error rate" { .failureRate } else if measured == "agreement", noun != "outcomes" {
                .agreement
            } else if let quantile = LatencyQuantile(rawValue: measured) {
                .latency(quantile)
            } else if measured.hasPrefix("psi of ") { .stabilityIndex(String(measured.dropFirst(7))) } else {
                .outcome(measured)
            }
        self.measure = measure
        self.bound = bound
        self.threshold = try measure.threshold(value, of: text)
        self.window = window
        self.minimum = minimum ?? measure.defaultMinimum(self.threshold)
        self.action = action
        try self.check(noun, of: text)
    }

    private func check(_ noun: String?, of text: String) throws(MartletError) {
        switch self.measure {
        case .failureRate, .latency, .agreement:
            try self.checkBound(of: text)
            guard let window, (Self.windowMin...Self.windowMax).contains(window) else {
                throw .unreadable(text, "it does not say for how long, as in 'for 5m', from 2s to a day")
            }
            guard noun == nil || noun == "requests" else { throw .unreadable(text, "it counts requests") }
        case .outcome:
            guard noun == "outcomes", self.window == nil else {
                throw .unreadable(
                    text,
                    "a metric of outcomes is judged 'on' a number of outcomes, as in 'on 500 outcomes'"
                )
            }
        case .stabilityIndex:
            guard noun == nil, self.window == nil, self.bound == .over else {
                throw .unreadable(text, "a psi is only 'over' a number")
            }
        }
    }

    private func checkBound(of text: String) throws(MartletError) {
        guard self.measure == .agreement else {
            guard self.bound == .over else { throw .unreadable(text, "'under' is for metrics of outcomes") }
            return
        }
        guard self.bound == .under else { throw .unreadable(text, "an agreement is only 'under' a percentage") }
        guard self.action != .rollBack else {
            throw .unreadable(text, "it is about a shadow, whose answers nobody gets: there is nothing to roll back")
        }
    }

    /// The sentence, with all that it says only by default.
    package var text: String {
        var text = "\(self.measure.text) \(self.bound.rawValue) \(self.thresholdText)"
        if let window { text += " for \(window)" }
        switch self.measure {
        case .failureRate, .latency, .agreement: text += " on \(self.minimum) requests"
        case .outcome: text += " on \(self.minimum) outcomes"
        case .stabilityIndex: break
        }
        return "\(text): \(self.action.rawValue)"
    }

    private var thresholdText: String {
        switch self.measure {
        case .failureRate, .agreement: self.measure.text(of: self.threshold)
        case .latency: TimeSpan(milliseconds: Int64(self.threshold)).description
        // As exactly as it is compared.
        case .outcome, .stabilityIndex: self.threshold.exact
        }
    }
}

extension Condition.Measure {
    package var text: String {
        switch self {
        case .failureRate: "error rate"
        case .agreement: "agreement"
        case .latency(let quantile): quantile.rawValue
        case .outcome(let metric): metric
        case .stabilityIndex(let feature): "psi of \(feature)"
        }
    }

    /// A value with its unit.
    package func text(of value: Double) -> String {
        switch self {
        case .failureRate, .agreement: "\((value * 100).brief)%"
        case .latency: "\(value.brief)ms"
        case .outcome, .stabilityIndex: value.brief
        }
    }

    fileprivate func threshold(_ word: String?, of text: String) throws(MartletError) -> Double {
        guard let word else { throw .unreadable(text, "a value is missing") }
        switch self {
        case .failureRate, .agreement:
            // Why it is none is said by the example.
            guard let share = try? Share(word) else {
                throw .unreadable(text, "the \(self.text) is a percentage such as 2%")
            }
            return Double(share.partsPerMillion) / 1_000_000
        case .latency:
            // Likewise.
            guard let span = try? TimeSpan(validating: word) else {
                throw .unreadable(text, "a duration is written 300ms or 2s")
            }
            return Double(span.milliseconds)
        case .outcome, .stabilityIndex:
            guard let value = Double(word), value.isFinite else { throw .unreadable(text, "'\(word)' is no number") }
            return value
        }
    }

    /// As many requests as make three failures, or three that are slow or differ, at the threshold, so that fewer never
    /// count.
    fileprivate func defaultMinimum(_ threshold: Double) -> Int64 {
        let part: Double
        switch self {
        case .failureRate: part = threshold
        case .agreement: part = 1 - threshold
        case .latency(let quantile): part = 1 - quantile.part
        case .outcome, .stabilityIndex: return 0
        }
        guard part > 0 else { return Condition.minimumCeiling }
        // Without what binary fractions add to 1 - 0.99.
        let needed = (3 / part - 1e-6).rounded(.up)
        return min(max(Int64(min(needed, 1e9)), Condition.minimumFloor), Condition.minimumCeiling)
    }
}

/// The words behind the value that a condition names.
private struct Tail {
    private var words: ArraySlice<String>

    init(_ words: [String]) {
        self.words = words[...]
    }

    var isEmpty: Bool { self.words.isEmpty }
    var text: String { self.words.joined(separator: " ") }

    mutating func next() -> String? { self.words.popFirst() }

    mutating func span(after keyword: String) throws(MartletError) -> TimeSpan? {
        guard self.words.first == keyword else { return nil }
        self.words.removeFirst()
        return try TimeSpan(validating: self.words.popFirst() ?? "")
    }

    mutating func count(after keyword: String, atMost limit: Int64) throws(MartletError) -> (Int64?, noun: String?) {
        guard self.words.first == keyword else { return (nil, nil) }
        self.words.removeFirst()
        let word = self.words.popFirst() ?? ""
        guard let count = Int64(word), (1...limit).contains(count) else {
            throw .invalid("'\(word)' is no number of requests or outcomes.")
        }
        return (count, self.words.popFirst() ?? "")
    }
}

extension MartletError {
    fileprivate static func unreadable(_ text: String, _ reason: String) -> MartletError {
        .invalid("The condition '\(text)' cannot be read: \(reason).")
    }
}

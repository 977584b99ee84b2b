import MartletCore
import MartletSearch

extension FilterComparator {
    /// The comparator of numbers, if it is one.
    var numeric: NumberCondition.Comparator? {
        switch self {
        case .equals: .equals
        case .differs: .differs
        case .less: .less
        case .lessOrEqual: .lessOrEqual
        case .greater: .greater
        case .greaterOrEqual: .greaterOrEqual
        case .equalsTwice, .angled, .like, .caseInsensitiveLike, .oneOf, .noneOf, .isMissing, .isPresent: nil
        }
    }
}

extension FilterComparison {
    /// This comparison as a demand on a text.
    ///
    /// - Parameters:
    ///   - subject: What is compared, as in `tag`, for messages.
    ///   - valid: The comparators that the subject has.
    /// - Throws: `invalidArgument`; like MLflow, for the value before the comparator.
    func textCondition(of subject: String, _ valid: [FilterComparator]) throws(MartletError) -> TextCondition {
        if valid.contains(.oneOf), let texts = try self.value.quotedTexts() {
            switch self.comparator {
            case .oneOf: return .oneOf(texts)
            case .noneOf: return .noneOf(texts)
            default: throw self.invalidComparator(valid)
            }
        }
        let text = try self.quotedText(subject)
        if self.comparator == .like || self.comparator == .caseInsensitiveLike {
            guard text.utf8.count <= Limits.searchPatternBytes else {
                throw .invalid("A pattern has at most \(Limits.searchPatternBytes) bytes.")
            }
        }
        guard valid.contains(self.comparator) else { throw self.invalidComparator(valid) }
        switch self.comparator {
        case .equals: return .equals(text)
        case .differs: return .differs(text)
        case .like: return .like(text)
        case .caseInsensitiveLike: return .caseInsensitiveLike(text)
        default: throw self.invalidComparator(valid)
        }
    }

    /// The refusal of a comparator, in MLflow's words.
    func invalidComparator(_ valid: [FilterComparator]) -> MartletError {
        let list = valid.map { "'\($0.rawValue)'" }.joined(separator: ", ")
        return .invalid("Invalid comparator '\(self.comparator.rawValue)' not one of '{\(list)}'")
    }

    private func quotedText(_ subject: String) throws(MartletError) -> String {
        switch self.value {
        case .text(let text): return text
        case .word(let word):
            throw .invalid(
                "Parameter value is either not quoted or unidentified quote types used for string value \(word). "
                    + "Use either single or double quotes."
            )
        case .number, .list, .none:
            let example = subject == "parameter" || subject == "tag" ? " (e.g. 'my-value')" : ""
            throw .invalid(
                "Expected a quoted string value for \(subject)\(example). Got value \(self.value.written)"
            )
        }
    }
}

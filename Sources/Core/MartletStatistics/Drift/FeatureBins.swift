package import MartletCore

/// Into which bins the values of a feature or of a score are sorted.
package struct FeatureBins: Sendable, Hashable {
    /// What kind of values there are.
    package enum Kind: Sendable, Hashable {
        /// A bin ends with each cut, which it contains, and a last one follows.
        case numbers(cuts: [Double])
        /// A bin for each category, in the order of their bytes, and one for all others.
        case categories([String])
    }

    package let kind: Kind

    /// Takes bins that somebody else has made: cuts or categories in their order, none of them twice.
    package init(_ kind: Kind) throws(MartletError) {
        let isValid =
            switch kind {
            case .numbers(let cuts):
                (1...Limits.driftBins).contains(cuts.count) && cuts.allSatisfy(\.isFinite)
                    && zip(cuts, cuts.dropFirst()).allSatisfy(<)
            case .categories(let names):
                (1...Limits.driftBins).contains(names.count) && zip(names, names.dropFirst()).allSatisfy(Self.precedes)
                    && names.allSatisfy { $0.utf8.count <= Limits.driftCategoryBytes }
            }
        guard isValid else { throw .invalid("bins are cuts or categories in their order, none of them twice") }
        self.kind = kind
    }

    /// How many bins there are; the last one is for values that are missing or no numbers.
    package var count: Int {
        switch self.kind {
        case .numbers(let cuts): cuts.count + 2
        case .categories(let names): names.count + 2
        }
    }

    /// Returns the bin of a number; `nil` is a missing one.
    package func bin(of value: Double?) -> Int {
        guard let value, !value.isNaN, case .numbers(let cuts) = self.kind else { return self.count - 1 }
        return Self.firstIndex(cuts.count) { value <= cuts[$0] }
    }

    /// Returns the bin of a category; `nil` is a missing one.
    package func bin(of category: String?) -> Int {
        guard let category, case .categories(let names) = self.kind else { return self.count - 1 }
        let index = Self.firstIndex(names.count) { !Self.precedes(names[$0], category) }
        return index < names.count && names[index].utf8.elementsEqual(category.utf8) ? index : names.count
    }

    /// Whether one text comes before another by their bytes, as in every language and database.
    private static func precedes(_ left: String, _ right: String) -> Bool {
        left.utf8.lexicographicallyPrecedes(right.utf8)
    }

    /// Returns the first index that fulfils what all later ones fulfil.
    private static func firstIndex(_ count: Int, _ isFulfilled: (Int) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if isFulfilled(middle) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}

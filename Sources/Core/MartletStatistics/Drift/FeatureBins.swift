package import MartletCore

/// Into which bins the values of a feature or of a score are sorted, as a training sample suggests.
package struct FeatureBins: Sendable, Hashable {
    /// What kind of values there are.
    package enum Kind: Sendable, Hashable {
        /// A bin ends with each cut, which it contains, and a last one follows.
        case numbers(cuts: [Double])
        /// A bin for each category, in the order of their bytes, and one for all others.
        case categories([String])
    }

    package let kind: Kind

    private init(trusted kind: Kind) {
        self.kind = kind
    }

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
        self.init(trusted: kind)
    }

    /// Cuts at the quantiles of a sample, so that each bin has an equal part of it.
    ///
    /// A value at which several quantiles lie, as 0 often is, gets a bin of its own. Values that are no numbers are
    /// left out.
    package init(quantilesOf sample: [Double], bins: Int = 10) throws(MartletError) {
        guard (2...Limits.driftBins / 2).contains(bins), sample.count <= Limits.driftSampleValues else {
            throw .invalid(
                "a reference has 2 to \(Limits.driftBins / 2) bins, of at most \(Limits.driftSampleValues) values"
            )
        }
        let sorted = sample.filter(\.isFinite).sorted()
        guard let last = sorted.last else { throw .invalid("a reference needs values") }
        var cuts: [Double] = []
        for bin in 1..<bins {
            // The smallest value that the part bin/bins of the sample does not exceed.
            let quantile = sorted[(bin * sorted.count + bins - 1) / bins - 1]
            if quantile != cuts.last {
                cuts.append(quantile)
            } else if cuts.dropLast().last != quantile.nextDown {
                cuts.insert(quantile.nextDown, at: cuts.count - 1)
            }
        }
        // A last bin that the sample leaves empty says little, unless all before it is one value.
        if cuts.last == last, cuts.dropLast().last != last.nextDown { cuts.removeLast() }
        self.init(trusted: .numbers(cuts: cuts.isEmpty ? [last.nextDown, last] : cuts))
    }

    /// Gives the commonest categories a bin each.
    package init(categoriesOf sample: [String: UInt64], bins: Int = 50) throws(MartletError) {
        guard !sample.isEmpty, (1...Limits.driftBins).contains(bins) else {
            throw .invalid("a reference needs categories, at most \(Limits.driftBins)")
        }
        let named = sample.filter { $0.key.utf8.count <= Limits.driftCategoryBytes }
        let ranked = named.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        self.init(trusted: .categories(ranked.prefix(bins).map(\.key).sorted(by: Self.precedes)))
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
    static func precedes(_ left: String, _ right: String) -> Bool {
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

extension FeatureBins {
    private static let version: UInt8 = 1

    /// Reads what ``bytes`` wrote, and nothing else.
    package init(bytes: [UInt8]) throws(MartletError) {
        var reader = try SummaryReader(bytes, of: "the bins of a feature", version: Self.version)
        let isNumbers = try reader.count(atMost: 1) == 0
        let count = try reader.count(atMost: Limits.driftBins)
        guard count > 0 else { throw reader.malformed }
        if isNumbers {
            var cuts: [Double] = []
            for _ in 0..<count { cuts.append(try reader.number()) }
            guard zip(cuts, cuts.dropFirst()).allSatisfy(<) else { throw reader.malformed }
            self.init(trusted: .numbers(cuts: cuts))
        } else {
            var names: [String] = []
            for _ in 0..<count { names.append(try reader.text(bytesMax: Limits.driftCategoryBytes)) }
            guard zip(names, names.dropFirst()).allSatisfy(Self.precedes) else { throw reader.malformed }
            self.init(trusted: .categories(names))
        }
        try reader.finish()
    }

    /// A version, the kind, how many cuts or categories, and these: docs/experiments-statistics.md.
    package var bytes: [UInt8] {
        var writer = SummaryWriter(version: Self.version)
        switch self.kind {
        case .numbers(let cuts):
            writer.write(0 as UInt64)
            writer.write(UInt64(cuts.count))
            for cut in cuts { writer.write(cut) }
        case .categories(let names):
            writer.write(1 as UInt64)
            writer.write(UInt64(names.count))
            for name in names { writer.write(name) }
        }
        return writer.bytes
    }
}

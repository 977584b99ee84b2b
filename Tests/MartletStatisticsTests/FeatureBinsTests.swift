import MartletCore
import MartletStatistics
import Testing

@Suite("Bins of features")
struct FeatureBinsTests {
    private func cuts(_ sample: [Double], bins: Int) throws -> [Double] {
        guard case .numbers(let cuts) = try FeatureBins(quantilesOf: sample, bins: bins).kind else { return [] }
        return cuts
    }

    @Test("bins have equal parts of the sample")
    func quantiles() throws {
        let bins = try FeatureBins(quantilesOf: (1...1_000).map(Double.init).shuffled(), bins: 4)
        #expect(bins.kind == .numbers(cuts: [250, 500, 750]))
        #expect(BinCounts(bins, (1...1_000).map(Double.init)).counts == [250, 250, 250, 250, 0])
    }

    @Test("a value that fills bins alone gets its own, so that leaving it to either side shows")
    func atoms() throws {
        let zeros = [Double](repeating: 0, count: 60)
        #expect(try self.cuts(zeros + (1...40).map(Double.init), bins: 5) == [Double(0).nextDown, 0, 20])
        #expect(try self.cuts(zeros, bins: 5) == [Double(0).nextDown, 0])
        #expect(try self.cuts([3], bins: 2) == [Double(3).nextDown, 3])
    }

    @Test("values are sorted into the bins that contain them, and what is no number into the last")
    func lookup() throws {
        let bins = try FeatureBins(quantilesOf: (1...1_000).map(Double.init), bins: 4)
        let expected: [(Double?, Int)] = [
            (-.infinity, 0), (250, 0), (250.0.nextUp, 1), (750, 2), (751, 3), (.infinity, 3), (.nan, 4), (nil, 4),
        ]
        for (value, bin) in expected { #expect(bins.bin(of: value) == bin) }
        #expect(bins.bin(of: "a category") == 4)
    }

    @Test("the commonest categories get bins, and all others one")
    func categories() throws {
        let bins = try FeatureBins(categoriesOf: ["b": 5, "a": 9, "\u{e9}": 5, "z": 1], bins: 3)
        #expect(bins.kind == .categories(["a", "b", "\u{e9}"]))
        // The same letter in other bytes is another category.
        let expected: [(String?, Int)] = [
            ("a", 0), ("b", 1), ("\u{e9}", 2), ("e\u{301}", 3), ("z", 3), ("", 3), (nil, 4),
        ]
        for (value, bin) in expected { #expect(bins.bin(of: value) == bin) }
        #expect(bins.bin(of: 1.5) == 4)
    }

    @Test("bins that somebody else has made must be in order, and have a count each")
    func others() throws {
        let bins = try FeatureBins(.numbers(cuts: [-1, 0.5]))
        #expect(bins.bin(of: 0.5) == 1)
        #expect(try BinCounts(bins, counts: [1, 2, 3, 4]).total == 10)
        for counts: [UInt64] in [[], [1, 2, 3], [1, 2, 3, 4, 5], [0, 0, 0, .max]] {
            #expect(throws: MartletError.self) { try BinCounts(bins, counts: counts) }
        }
        for cuts in [[], [1, 1], [2, 1], [.infinity], [.nan]] {
            #expect(throws: MartletError.self) { try FeatureBins(.numbers(cuts: cuts)) }
        }
        let long = String(repeating: "a", count: 251)
        for names in [[], ["a", "a"], ["b", "a"], [long]] {
            #expect(throws: MartletError.self) { try FeatureBins(.categories(names)) }
        }
        #expect(try FeatureBins(.categories(["z", "ä"])).bin(of: "ä") == 1)
    }

    @Test("bins and counts come back from their bytes")
    func bytes() throws {
        let numbers = try FeatureBins(quantilesOf: [0.1, -3, 1e300, 7, 7, 7], bins: 3)
        let categories = try FeatureBins(categoriesOf: ["": 1, "x": 2, "\u{1f426}": 3])
        for bins in [numbers, categories] { #expect(try FeatureBins(bytes: bins.bytes) == bins) }
        let counts = BinCounts(numbers, [1, 2, .nan, -5])
        #expect(try BinCounts(bytes: counts.bytes) == counts)
    }

    @Test("no bytes but those of bins and counts are read")
    func refusedBytes() throws {
        let bins = try FeatureBins(quantilesOf: [1, 2, 3, 4], bins: 3).bytes
        let counts = BinCounts(try FeatureBins(bytes: bins), [1, 2]).bytes
        for length in 0..<bins.count {
            #expect(throws: MartletError.self) { try FeatureBins(bytes: Array(bins.prefix(length))) }
        }
        for length in 0..<counts.count {
            #expect(throws: MartletError.self) { try BinCounts(bytes: Array(counts.prefix(length))) }
        }
        let swapped: [UInt8] = Array(bins[..<3]) + bins[11..<19] + bins[3..<11]
        let notText: [UInt8] = [1, 1, 1, 1, 0xff]
        for bad in [
            bins + [0], swapped, notText, [1, 1, 2, 1, 98, 1, 97], [1, 1, 2, 1, 97, 1, 97], [1, 2, 1], [1, 0, 0],
        ] {
            #expect(throws: MartletError.self) { try FeatureBins(bytes: bad) }
        }
        for bad in [counts + [0], [1, 1, 5], [1, 0]] {
            #expect(throws: MartletError.self) { try BinCounts(bytes: bad) }
        }
    }

    @Test("references without values, and counts of other bins, are refused")
    func refused() throws {
        #expect(throws: MartletError.self) { try FeatureBins(quantilesOf: []) }
        #expect(throws: MartletError.self) { try FeatureBins(quantilesOf: [.nan, .infinity]) }
        #expect(throws: MartletError.self) { try FeatureBins(quantilesOf: [1, 2], bins: 1) }
        #expect(throws: MartletError.self) { try FeatureBins(categoriesOf: [:]) }
        var counts = BinCounts(try FeatureBins(quantilesOf: [1, 2, 3, 4], bins: 3))
        let others = BinCounts(try FeatureBins(categoriesOf: ["a": 1]))
        #expect(throws: MartletError.self) { try counts.merge(others) }
    }

    @Test("counts of parts add up to those of the whole")
    func merging() throws {
        let bins = try FeatureBins(quantilesOf: (1...100).map(Double.init))
        var merged = BinCounts(bins, (1...30).map(Double.init))
        try merged.merge(BinCounts(bins, (31...100).map(Double.init)))
        #expect(merged == BinCounts(bins, (1...100).map(Double.init)))
        #expect(merged.total == 100)
    }
}

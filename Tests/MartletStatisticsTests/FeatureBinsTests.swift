import MartletCore
import MartletStatistics
import Testing

@Suite("Bins of features")
struct FeatureBinsTests {
    @Test("values are sorted into the bins that contain them, and what is no number into the last")
    func lookup() throws {
        let bins = try FeatureBins(.numbers(cuts: [250, 500, 750]))
        let expected: [(Double?, Int)] = [
            (-.infinity, 0), (250, 0), (250.0.nextUp, 1), (750, 2), (751, 3), (.infinity, 3), (.nan, 4), (nil, 4),
        ]
        for (value, bin) in expected { #expect(bins.bin(of: value) == bin) }
        #expect(bins.bin(of: "a category") == 4)
    }

    @Test("categories that are named have bins, and all others one")
    func categories() throws {
        let bins = try FeatureBins(.categories(["a", "b", "\u{e9}"]))
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

    @Test("counts come back from their bytes")
    func bytes() throws {
        let counts = BinCounts(try FeatureBins(.numbers(cuts: [-3, 0.1, 7])), [1, 2, .nan, -5])
        #expect(try BinCounts(bytes: counts.bytes) == counts)
    }

    @Test("no bytes but those of counts are read")
    func refusedBytes() throws {
        let counts = BinCounts(try FeatureBins(.numbers(cuts: [1, 2, 3])), [1, 2]).bytes
        for length in 0..<counts.count {
            #expect(throws: MartletError.self) { try BinCounts(bytes: Array(counts.prefix(length))) }
        }
        for bad in [counts + [0], [1, 1, 5], [1, 0]] {
            #expect(throws: MartletError.self) { try BinCounts(bytes: bad) }
        }
    }

    @Test("counts of other bins are not added")
    func refused() throws {
        var counts = BinCounts(try FeatureBins(.numbers(cuts: [1, 2, 3])))
        let others = BinCounts(try FeatureBins(.categories(["a"])))
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

import Foundation
import MartletCore
import MartletStatistics
import Testing

@Suite("Drift")
struct DriftTests {
    private func normals(_ count: Int, mean: Double = 0, seed: UInt64) -> [Double] {
        var random = SplitMix64(seed: seed)
        return (0..<count).map { _ in mean + random.normal() }
    }

    /// Compares all values.
    private func compare(_ first: [Double], _ second: [Double]) throws -> KolmogorovSmirnov {
        let bins = try FeatureBins(allOf: first, second)
        let (reference, now) = (BinCounts(bins, first), BinCounts(bins, second))
        return try #require(try KolmogorovSmirnov(bins, reference: reference, now: now))
    }

    /// What another bin does to the index, computed by hand.
    @Test("the stability index is the sum that its definition says, also with empty bins")
    func stabilityIndex() throws {
        let bins = try FeatureBins(.categories(["a", "b"]))
        var (reference, now) = (BinCounts(bins), BinCounts(bins))
        for _ in 0..<90 { reference.record(0) }
        for _ in 0..<10 { reference.record(1) }
        for _ in 0..<40 { now.record(0) }
        for _ in 0..<10 { now.record(2) }
        let before = [90.5, 10.5, 0.5].map { $0 / 101.5 }
        let after = [40.5, 0.5, 10.5].map { $0 / 51.5 }
        let expected = zip(before, after).reduce(0) { $0 + ($1.1 - $1.0) * log($1.1 / $1.0) }
        let index = try #require(try StabilityIndex(reference: reference, now: now))
        #expect(abs(index.value - expected) < 1e-12)
        #expect(abs(index.expectedWithoutDrift - 2 * (1.0 / 100 + 1.0 / 50)) < 1e-12)
        #expect(try StabilityIndex(reference: reference, now: BinCounts(bins)) == nil)
    }

    @Test("without drift the stability index is what finite samples make it, on average")
    func stabilityWithoutDrift() throws {
        let bins = try FeatureBins(quantilesOf: self.normals(2_000, seed: 14))
        let reference = BinCounts(bins, self.normals(2_000, seed: 15))
        var indices: [StabilityIndex] = []
        for seed: UInt64 in 100..<300 {
            let now = BinCounts(bins, self.normals(500, seed: seed))
            indices.append(try #require(try StabilityIndex(reference: reference, now: now)))
        }
        let mean = indices.reduce(0) { $0 + $1.value } / Double(indices.count)
        #expect(abs(mean / indices[0].expectedWithoutDrift - 1) < 0.25)
    }

    @Test("a shift by half a standard deviation is over 0.2, and one by a tenth is under 0.1")
    func shifts() throws {
        let sample = self.normals(20_000, seed: 16)
        let bins = try FeatureBins(quantilesOf: sample)
        let reference = BinCounts(bins, sample)
        for (shift, range) in [(0.1, 0.0..<0.1), (0.5, 0.2..<0.3)] {
            let now = BinCounts(bins, self.normals(5_000, mean: shift, seed: 17))
            let index = try #require(try StabilityIndex(reference: reference, now: now))
            #expect(range.contains(index.value))
        }
    }

    /// Kolmogorov's function at points on both sides of where one series takes over from the other.
    @Test(
        "p-values are those of Kolmogorov's limit distribution",
        arguments: [(50, 0.963945), (83, 0.496191), (99, 0.280874), (100, 0.270000), (101, 0.259434), (136, 0.049486)]
    )
    func limitDistribution(hundredths: Int, probability: Double) throws {
        // Of two samples of 20,000 values, whose distance d is x / 100.
        let bins = try FeatureBins(.numbers(cuts: [0]))
        let moved = UInt64(2 * hundredths)
        let low = try BinCounts(bins, counts: [20_000, 0, 0])
        let high = try BinCounts(bins, counts: [20_000 - moved, moved, 0])
        let test = try #require(try KolmogorovSmirnov(bins, reference: low, now: high))
        #expect(abs(test.distance - Double(hundredths) / 10_000) < 1e-12)
        #expect(abs(test.pValue - probability) < 1e-6)
    }

    @Test("the distance is that of the distribution functions, and values that repeat are one step")
    func distance() throws {
        #expect(try self.compare([1, 2, 3], [4, 5]).distance == 1)
        #expect(try self.compare([1, 1, 2, 2], [1, 2]).distance == 0)
        #expect(try self.compare([1, 1, 1, 2], [1, 2, 2, 2]).distance == 0.5)
        #expect(try self.compare([1, 2], [1, 2]).pValue == 1)
    }

    @Test("without drift p-values are uniform, up to the caution of small samples")
    func uniformPValues() throws {
        var pValues: [Double] = []
        for run: UInt64 in 0..<1_000 {
            let samples = (self.normals(100, seed: 2 * run), self.normals(150, seed: 2 * run + 1))
            pValues.append(try self.compare(samples.0, samples.1).pValue)
        }
        for level in [0.05, 0.1, 0.25, 0.5, 0.75] {
            let part = Double(pValues.count { $0 <= level }) / 1_000
            #expect(part < level + 3 * (level * (1 - level) / 1_000).squareRoot())
            #expect(part > level * 0.5)
        }
    }

    @Test("in bins, the distance is at most that of all values, and close to it")
    func binned() throws {
        let (sample, shifted) = (self.normals(500, seed: 18), self.normals(400, mean: 0.4, seed: 19))
        let bins = try FeatureBins(quantilesOf: sample, bins: 50)
        let exact = try self.compare(sample, shifted)
        let missing = BinCounts(bins, shifted + [.nan, .nan])
        let binned = try #require(try KolmogorovSmirnov(bins, reference: BinCounts(bins, sample), now: missing))
        #expect(binned.distance <= exact.distance && binned.distance > exact.distance - 0.03)
        #expect(binned.pValue >= exact.pValue && binned.pValue < 0.001)
    }

    @Test("categories have no distance, and neither has nothing")
    func notComparable() throws {
        let categories = try FeatureBins(.categories(["a"]))
        let counts = BinCounts(categories)
        #expect(try KolmogorovSmirnov(categories, reference: counts, now: counts) == nil)
        let numbers = try FeatureBins(.numbers(cuts: [1, 2, 3]))
        let nothing = BinCounts(numbers)
        #expect(try KolmogorovSmirnov(numbers, reference: BinCounts(numbers, [1]), now: nothing) == nil)
        #expect(throws: MartletError.self) { try KolmogorovSmirnov(numbers, reference: nothing, now: counts) }
        #expect(throws: MartletError.self) { try StabilityIndex(reference: nothing, now: counts) }
    }
}

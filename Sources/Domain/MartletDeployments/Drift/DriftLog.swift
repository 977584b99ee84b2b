package import MartletCore
import MartletJSON
package import MartletSQL
import MartletStatistics
import Synchronization

/// A decision whose request and answer are looked at.
package struct DriftSample: Sendable {
    let arm: ArmKey
    let at: Timestamp
    let versionKey: Int64
    let settings: DriftSettings
    let request: [UInt8]
    let answer: [UInt8]
}

/// Where the gateway puts requests and answers whose features are to be counted.
package final class DriftLog: Sendable {
    private static let samplesMax = 10_000
    private static let bytesMax = 32 << 20

    private struct State {
        var waiting: [DriftSample] = []
        var byteCount = 0
        var droppedCount = 0
    }

    private let database: any Database
    private let references: DriftReferences
    private let state = Mutex(State())
    /// Counted, and not yet written.
    private let counted = Mutex<[DriftPlace: BinCounts]>([:])

    package init(database: any Database, references: DriftReferences) {
        self.database = database
        self.references = references
    }

    /// How many samples have been dropped since the start, because too many waited.
    package var droppedCount: Int { self.state.withLock { $0.droppedCount } }

    /// Notes a decision whose answer was sent, if its deployment wants that and chance does.
    ///
    /// - Parameter bodies: The request's and the answer's; asked for only if they are wanted.
    package func offer(
        _ id: DecisionID,
        arm: Int,
        of route: Route,
        _ bodies: () -> (request: [UInt8], answer: [UInt8])
    ) {
        guard let settings = route.settings.drift, id.isIn(settings.share) else { return }
        let (request, answer) = bodies()
        let sample = DriftSample(
            arm: ArmKey(
                deploymentKey: route.deployment.key,
                revision: route.deployment.revision.number,
                arm: arm
            ),
            at: id.moment,
            versionKey: route.arms[arm].version.key,
            settings: settings,
            request: request,
            answer: answer
        )
        self.state.withLock { state in
            let byteCount = state.byteCount + sample.byteCount
            guard state.waiting.count < Self.samplesMax, byteCount <= Self.bytesMax else {
                return state.droppedCount += 1
            }
            state.byteCount = byteCount
            state.waiting.append(sample)
        }
    }

    /// Counts and writes all that waits. What cannot be written waits for the next time. Not to be called twice at
    /// once.
    package func flush() async throws(MartletError) {
        let samples = self.state.withLock { state in
            defer { (state.waiting, state.byteCount) = ([], 0) }
            return state.waiting
        }
        for sample in samples {
            // Of a version that is gone, or a database that is away, a sample is lost: there are others.
            guard let reference = try? await self.references.reference(ofVersion: sample.versionKey) else { continue }
            self.count(sample, reference)
        }
        let byDeployment = Dictionary(grouping: self.counted.withLock { $0 }) { $0.key.deploymentKey }
        for (deploymentKey, news) in byDeployment {
            let scope = WriteScope.only(WriteKey("drift", String(deploymentKey)))
            try await self.database.write(scope) { db throws(MartletError) in
                for (place, counts) in news { try Self.add(counts, at: place, on: db) }
            }
            self.counted.withLock { counted in for (place, _) in news { counted[place] = nil } }
        }
    }

    private func count(_ sample: DriftSample, _ reference: DriftReference) {
        let documents = sample.documents
        for (name, place) in sample.settings.places {
            guard let feature = reference.features[name], let document = documents[place.side] else { continue }
            let row = DriftPlace(
                deploymentKey: sample.arm.deploymentKey,
                hour: sample.at.hour,
                revision: sample.arm.revision,
                arm: sample.arm.arm,
                feature: name
            )
            self.counted.withLock { counted in
                for value in place.values(in: document) {
                    counted[row, default: BinCounts(feature.bins)].record(feature.bins.bin(of: value))
                }
            }
        }
    }

    private static func add(
        _ counts: BinCounts,
        at place: DriftPlace,
        on db: any Connection
    ) throws(MartletError) {
        var sum = counts
        if let row = try db.queryOne(DriftQueries.counts(at: place)) {
            try sum.merge(try BinCounts(bytes: row.bytes(0)))
        }
        try db.execute(DriftQueries.set(sum, at: place))
    }
}

extension DriftSample {
    fileprivate var byteCount: Int { self.request.count + self.answer.count }

    /// The bodies that are JSON, and that a feature is looked for in.
    fileprivate var documents: [DriftSettings.Place.Side: JSONValue] {
        var documents: [DriftSettings.Place.Side: JSONValue] = [:]
        for side in Set(self.settings.places.values.map(\.side)) {
            let bytes = side == .request ? self.request : self.answer
            // What is no JSON has no features.
            documents[side] =
                (try? JSONDocument(
                    parsing: bytes,
                    depthMax: Limits.jsonDepth,
                    valuesMax: Limits.jsonValues
                ))?.root
        }
        return documents
    }
}

extension FeatureBins {
    /// Returns the bin of a value as JSON says it.
    fileprivate func bin(of value: JSONValue?) -> Int {
        switch self.kind {
        case .numbers: self.bin(of: value?.double)
        case .categories: self.bin(of: value.flatMap { $0.kind == .null ? nil : $0.string ?? $0.source })
        }
    }
}

extension Timestamp {
    /// Whole hours since 1970.
    var hour: Int64 { self.milliseconds / 3_600_000 }
}

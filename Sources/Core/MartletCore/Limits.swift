/// Every bound on what a client may send or ask for that is not configurable.
///
/// The values are those of MLflow 3.17's server, so that a request which works there works here.
package enum Limits {
    package static let entityKeyCharacters = 250
    package static let experimentNameCharacters = 500
    package static let experimentTagValueCharacters = 20_000
    package static let paramValueCharacters = 6_000
    package static let runTagValueCharacters = 8_000
    package static let metricsPerBatch = 1_000
    package static let paramsPerBatch = 100
    package static let tagsPerBatch = 100
    package static let entitiesPerBatch = 1_000
    /// Tags that something may be created with. MLflow has no such limit; nobody has met this one.
    package static let tagsPerEntity = 1_000
    /// Elements of any list in a request that has no limit of its own.
    package static let messagesPerField = 10_000
    /// Values in a request, counting those inside others: each costs memory beyond its text.
    package static let jsonValues = 1_000_000
    /// SQLite would refuse patterns of 50,000 bytes, and matching one of a thousand can be slow enough.
    package static let searchPatternBytes = 1_000
    package static let searchListValues = 10_000
    /// A database bounds how large an expression may be; nobody writes this many by hand.
    package static let searchComparisons = 200
    package static let searchOrderKeys = 20
    package static let searchDatasets = 100
    package static let loggedModelSearchResults = 50_000
    package static let runSearchResults = 50_000
    package static let experimentSearchResults = 50_000
    package static let metricHistoryResults = 25_000
    package static let bulkHistoryRuns = 100
    package static let sampledHistoryPoints = 2_500
    package static let datasetSearchExperiments = 20
    package static let datasetSearchResults = 1_000
    package static let datasetNameCharacters = 500
    package static let datasetDigestCharacters = 36
    package static let datasetSourceCharacters = 65_535
    package static let datasetSchemaCharacters = 1_048_575
    package static let datasetProfileCharacters = 16_777_215
    package static let datasetTagKeyCharacters = 255
    package static let datasetTagValueCharacters = 500
    package static let registeredModelSearchResults = 1_000
    package static let modelVersionSearchResults = 200_000
    package static let registryKeyCharacters = 250
    package static let registeredModelTagValueCharacters = 100_000
    package static let modelVersionTagValueCharacters = 100_000
    package static let aliasCharacters = 255
    package static let artifactPathBytes = 4_096
    package static let partsPerUpload = 10_000
    /// Of a model or a version. MLflow has no such limit but its database's; the ledger keeps every description.
    package static let descriptionCharacters = 100_000
    /// Files of one version: its manifest lists them all.
    package static let filesPerVersion = 100_000
    /// Of a split of traffic: every one costs a hash for each request.
    package static let armsPerSplit = 100
    package static let armNameBytes = 250
    /// Its length is hashed as one byte.
    package static let routingSaltBytes = 255
    /// Of a metric's outcome: its square must be a number, too.
    package static let outcomeMagnitude = 1e100
    /// Of anything that a summary counts: doubles count exactly up to it, and thousands of such add up in 64 bits.
    package static let summaryCount: UInt64 = 1 << 53
    /// A day: the longest duration that a histogram tells from longer ones.
    package static let latencyMicroseconds: UInt64 = 86_400_000_000
    /// Bins of a feature's reference; far more than say anything about drift.
    package static let driftBins = 1_000
    package static let driftCategoryBytes = 250
    /// Of a version: a deploy reads so many to see that they are what they were, and more only when it is told to.
    package static let bytesVerifiedUnasked: Int64 = 2 << 30
    /// Webhooks of one registry: each that listens to a change is written to in its transaction.
    package static let webhooks = 1_000
    /// Nesting beyond this is refused before it can exhaust a stack.
    package static let jsonDepth = 64
}

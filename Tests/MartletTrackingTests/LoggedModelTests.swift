import MartletCore
import MartletTracking
import Testing

@Suite("logged models")
struct LoggedModelTests {
    @Test("a new model is pending, lies in its experiment's folder, and has what it was created with")
    func create() async throws {
        let world = try await TrackingWorld()
        let model = try await world.models.create(
            NewLoggedModel(
                experimentID: world.experiment,
                name: "wren",
                sourceRunID: world.run,
                modelType: "classifier",
                params: [Param(key: "depth", value: "3"), Param(key: "alpha", value: "")],
                tags: [Tag(key: "stage", value: "old"), Tag(key: "stage", value: "new")]
            )
        )
        #expect(model.info.id.rawValue.count == 34 && model.info.id.rawValue.hasPrefix("m-"))
        #expect(model.info.status == .pending)
        #expect(model.info.artifactURI == "store:/\(world.experiment)/models/\(model.info.id)/artifacts")
        #expect(model.info.sourceRunID == world.run && model.info.modelType == "classifier")
        #expect(model.params == [Param(key: "alpha", value: ""), Param(key: "depth", value: "3")])
        #expect(model.tags == [Tag(key: "stage", value: "new")])
        #expect(try await world.models.model(model.info.id).params == model.params)
    }

    @Test("a model needs an experiment that exists and is not deleted")
    func createWithoutExperiment() async throws {
        let world = try await TrackingWorld()
        #expect(
            await refusal {
                _ = try await world.models.create(NewLoggedModel(experimentID: ExperimentID(99), name: "wren"))
            } == .notFound
        )
        try await world.experiments.delete(world.experiment)
        #expect(await refusal { _ = try await world.create("wren") } == .invalidArgument)
    }

    @Test("a model is finished once its files are there, and says when")
    func finalize() async throws {
        let world = try await TrackingWorld()
        let model = try await world.create("wren")
        let ready = try await world.models.finalize(model.info.id, .ready)
        #expect(ready.info.status == .ready)
        #expect(ready.info.createdAt == model.info.createdAt && ready.info.updatedAt > model.info.updatedAt)
    }

    @Test("a deleted model is found by nobody who does not ask for it, and can still be finished")
    func delete() async throws {
        let world = try await TrackingWorld()
        let id = try await world.create("wren").info.id
        try await world.models.delete(id)
        try await world.models.delete(id)
        #expect(await refusal { _ = try await world.models.model(id) } == .notFound)
        #expect(try await world.names().isEmpty)
        #expect(try await world.models.model(id, allowDeleted: true).info.isDeleted)
        #expect(try await world.models.finalize(id, .failed).info.status == .failed)
    }

    @Test("a tag is replaced when it is set again, and gone when it is deleted")
    func tags() async throws {
        let world = try await TrackingWorld()
        let id = try await world.create("wren").info.id
        try await world.models.setTags([Tag(key: "a", value: "1"), Tag(key: "b", value: "2")], on: id)
        try await world.models.setTags([Tag(key: "a", value: "3")], on: id)
        #expect(try await world.models.model(id).tags == [Tag(key: "a", value: "3"), Tag(key: "b", value: "2")])
        try await world.models.deleteTag("a", of: id)
        #expect(try await world.models.model(id).tags == [Tag(key: "b", value: "2")])
        #expect(await refusal { try await world.models.deleteTag("a", of: id) } == .notFound)
    }

    @Test("a param is never logged twice, and what is refused leaves nothing behind")
    func params() async throws {
        let world = try await TrackingWorld()
        let id = try await world.create("wren").info.id
        try await world.models.log([Param(key: "a", value: "1")], on: id)
        #expect(
            await refusal {
                try await world.models.log([Param(key: "b", value: "2"), Param(key: "a", value: "1")], on: id)
            } == .invalidArgument
        )
        #expect(
            await refusal {
                try await world.models.log([Param(key: "c", value: "1"), Param(key: "c", value: "1")], on: id)
            } == .invalidArgument
        )
        #expect(try await world.models.model(id).params == [Param(key: "a", value: "1")])
    }

    @Test("what does not exist cannot be written to")
    func unknownModel() async throws {
        let world = try await TrackingWorld()
        let id = LoggedModelID(trusted: "m-nowhere")
        #expect(await refusal { try await world.models.setTags([], on: id) } == .notFound)
        #expect(await refusal { try await world.models.log([], on: id) } == .notFound)
        #expect(await refusal { try await world.models.delete(id) } == .notFound)
        #expect(await refusal { _ = try await world.models.finalize(id, .ready) } == .notFound)
    }
}

@Suite("metrics of logged models")
struct LoggedModelMetricTests {
    @Test("a metric that names a model is the run's and the model's, any other is the run's alone")
    func logged() async throws {
        let world = try await TrackingWorld()
        let id = try await world.create("wren").info.id
        try await world.logging.log(
            metrics: [
                world.metric("loss", 0.5, at: 1, of: id, on: MeasuredDataset(name: "birds", digest: "d1")),
                world.metric("loss", 0.4, at: 2, of: id),
                world.metric("time", 7, at: 3, of: nil),
            ],
            to: world.run
        )
        let metrics = try await world.models.model(id).metrics
        #expect(metrics.map(\.metric.point.value) == [0.5, 0.4])
        #expect(metrics.map(\.datasetName) == ["birds", nil] && metrics.map(\.datasetDigest) == ["d1", nil])
        #expect(metrics.allSatisfy { $0.runID == world.run && $0.metric.key == "loss" })
        #expect(try await world.runs.run(world.run).metrics.map(\.key) == ["loss", "time"])
    }

    @Test("a metric of an unknown model is refused, and nothing of its batch is stored on the run")
    func unknownModel() async throws {
        let world = try await TrackingWorld()
        let unknown = LoggedModelID(trusted: "m-nowhere")
        #expect(
            await refusal {
                try await world.logging.log(metrics: [world.metric("loss", 1, at: 1, of: unknown)], to: world.run)
            } == .notFound
        )
        #expect(try await world.runs.run(world.run).metrics.isEmpty)
    }

    @Test("the same point logged twice is one point, and NaN stays NaN")
    func repeatedPoint() async throws {
        let world = try await TrackingWorld()
        let id = try await world.create("wren").info.id
        for _ in 1...2 {
            try await world.logging.log(metrics: [world.metric("loss", .nan, at: 1, of: id)], to: world.run)
        }
        let metrics = try await world.models.model(id).metrics
        #expect(metrics.count == 1 && metrics[0].metric.point.value.isNaN)
    }
}

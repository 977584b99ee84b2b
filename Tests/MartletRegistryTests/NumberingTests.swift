import MartletCapture
import MartletCore
import MartletRegistry
import MartletTestSupport
import Testing

@Suite("semantic numbers")
struct NumberingTests {
    private static func mlmodel(inputs: String, outputs: String = "[]", flavor: String = "sklearn") -> String {
        """
        flavors:
          \(flavor):
            \(flavor)_version: 1.0
        signature:
          inputs: '\(inputs)'
          outputs: '\(outputs)'
        """
    }

    private static let oneInput = #"[{"type": "double", "name": "x", "required": true}]"#
    private static let twoInputs =
        #"[{"type": "double", "name": "x", "required": true}, {"type": "double", "name": "y", "required": true}]"#
    private static let optionalInput =
        #"[{"type": "double", "name": "x", "required": true}, {"type": "double", "name": "y", "required": false}]"#

    private static func facts(_ params: [String: String] = [:], dataset: String? = nil) -> SourceFacts {
        var facts = SourceFacts()
        facts.hyperparameters = params.map { Tag(key: $0.key, value: $0.value) }
        facts.datasets =
            dataset.map {
                [Manifest.Dataset(name: "d", digest: $0, sourceType: "", source: "", context: "")]
            } ?? []
        return facts
    }

    /// Registers a version of each text of an MLmodel file, and returns the last one.
    private func register(
        _ mlmodels: [String],
        facts: [String: SourceFacts] = [:],
        _ body: (ModelVersion) throws -> Void
    ) async throws {
        try await SealingWorld.with(facts: facts) { world in
            var last: ModelVersion?
            for (index, text) in mlmodels.enumerated() {
                try await world.put(text, at: "MLmodel", of: "r\(index + 1)")
                last = try await world.register("r\(index + 1)")
            }
            try body(try #require(last))
        }
    }

    @Test("the first version is 1.0.0")
    func first() async throws {
        try await self.register([Self.mlmodel(inputs: Self.oneInput)]) { version in
            #expect(version.semanticVersion == SemanticVersion(1, 0, 0))
            #expect(version.numberReasons == ["the first version"])
        }
    }

    @Test("the same recipe trained again is a patch")
    func patch() async throws {
        try await self.register([Self.mlmodel(inputs: Self.oneInput), Self.mlmodel(inputs: Self.oneInput) + "\nx: 1\n"])
        {
            #expect($0.semanticVersion == SemanticVersion(1, 0, 1))
            #expect($0.numberReasons == ["patch: the same recipe, trained again"])
        }
    }

    @Test("a signature that callers can go on to use is minor, another one major")
    func signatures() async throws {
        try await self.register([Self.mlmodel(inputs: Self.oneInput), Self.mlmodel(inputs: Self.optionalInput)]) {
            #expect($0.semanticVersion == SemanticVersion(1, 1, 0))
        }
        try await self.register([Self.mlmodel(inputs: Self.oneInput), Self.mlmodel(inputs: Self.twoInputs)]) {
            #expect($0.semanticVersion == SemanticVersion(2, 0, 0))
            #expect($0.numberReasons.first?.hasPrefix("major: ") == true)
        }
    }

    @Test("a removed output and a flavor that is gone are major, a new flavor minor")
    func outputsAndFlavors() async throws {
        let output = #"[{"type": "double", "name": "p", "required": true}]"#
        try await self.register([
            Self.mlmodel(inputs: Self.oneInput, outputs: output), Self.mlmodel(inputs: Self.oneInput),
        ]) {
            #expect($0.semanticVersion == SemanticVersion(2, 0, 0))
        }
        try await self.register([
            Self.mlmodel(inputs: Self.oneInput), Self.mlmodel(inputs: Self.oneInput, flavor: "xgboost"),
        ]) {
            #expect($0.semanticVersion == SemanticVersion(2, 0, 0))
            #expect($0.numberReasons == ["major: no flavor 'sklearn' any more", "minor: a new flavor 'xgboost'"])
        }
    }

    @Test("other hyperparameters and other datasets are minor")
    func ingredients() async throws {
        let text = Self.mlmodel(inputs: Self.oneInput)
        let facts = ["r1": Self.facts(["C": "1"]), "r2": Self.facts(["C": "2"])]
        try await self.register([text, text], facts: facts) {
            #expect($0.semanticVersion == SemanticVersion(1, 1, 0))
            #expect($0.numberReasons == ["minor: other hyperparameters: C"])
        }
        let datasets = ["r1": Self.facts(dataset: "a"), "r2": Self.facts(dataset: "b")]
        try await self.register([text, text], facts: datasets) {
            #expect($0.numberReasons == ["minor: other datasets: d"])
        }
    }

    @Test("a chosen number is taken, and the rules go on from it")
    func chosen() async throws {
        try await SealingWorld.with { world in
            #expect(try await world.register(semanticVersion: "3.1.4").semanticVersion == SemanticVersion(3, 1, 4))
            #expect(try await world.register().semanticVersion == SemanticVersion(3, 1, 5))
            let tagged = try await world.register(tags: [Tag(key: "martlet.version", value: "4.0.0")])
            #expect(tagged.semanticVersion == SemanticVersion(4, 0, 0))
            #expect(tagged.numberReasons == ["chosen by ann"])
        }
    }

    @Test("a number that is taken, or no number at all, is refused, and leaves no version behind")
    func refusals() async throws {
        try await SealingWorld.with { world in
            try await world.register(semanticVersion: "1.0.0")
            #expect(try await errorCode { try await world.register(semanticVersion: "1.0.0") } == .alreadyExists)
            let bad = [Tag(key: "martlet.version", value: "one")]
            #expect(try await errorCode { try await world.register(tags: bad) } == .invalidArgument)
            #expect(try await world.register().number == VersionNumber(2))
        }
    }

    @Test("a candidate can be renumbered, natively and by its tag; what it was is never used again")
    func renumber() async throws {
        try await SealingWorld.with { world in
            let first = try await world.register()
            let renumbered = try await world.registry.versions.renumber(
                .number(first.number),
                of: world.name,
                to: SemanticVersion(2, 0, 0),
                by: .tester
            )
            #expect(renumbered.semanticVersion == SemanticVersion(2, 0, 0))
            #expect(try await errorCode { try await world.register(semanticVersion: "1.0.0") } == .alreadyExists)
            let tag = Tag(key: "martlet.version", value: "5.0.0")
            try await world.registry.versions.setTag(tag, on: first.number, of: world.name)
            #expect(
                try await world.registry.versions.version(first.number, of: world.name).semanticVersion
                    == SemanticVersion(5, 0, 0)
            )
            let again = try await world.registry.versions.renumber(
                .number(first.number),
                of: world.name,
                to: SemanticVersion(6, 0, 0),
                by: .tester
            )
            #expect(again.tags == [Tag(key: "martlet.version", value: "6.0.0")])
        }
    }

    @Test("a version that is no candidate any more keeps its number")
    func fixed() async throws {
        try await SealingWorld.with { world in
            let first = try await world.register()
            try await world.registry.move(1, of: world.name, to: .staging)
            let code = try await errorCode {
                let tag = Tag(key: "martlet.version", value: "5.0.0")
                try await world.registry.versions.setTag(tag, on: first.number, of: world.name)
            }
            #expect(code == .conflict)
            let version = try await world.registry.versions.version(first.number, of: world.name)
            #expect(version.semanticVersion == SemanticVersion(1, 0, 0))
            #expect(version.tags.isEmpty)
        }
    }

    @Test("a range finds the highest version in it that nobody has deleted")
    func ranges() async throws {
        try await SealingWorld.with { world in
            for text in ["1.0.0", "1.10.0", "1.9.0", "2.0.0"] { try await world.register(semanticVersion: text) }
            try await world.registry.delete(2, of: world.name)
            func number(_ text: String) async throws -> Int64 {
                let selector = try VersionSelector(validating: text)
                return try await world.registry.versions.version(selector, of: world.name).number.rawValue
            }
            #expect(try await number("^1") == 3)
            #expect(try await number("1.x") == 3)
            #expect(try await number("v1.0") == 1)
            #expect(try await number("2.0.0") == 4)
            #expect(try await number("4") == 4)
            #expect(try await errorCode { _ = try await number("^3") } == .notFound)
            #expect(try await errorCode { _ = try await number("1.10.0") } == .notFound)
        }
    }

    @Test("registered at once, versions have dense numbers and semantic versions of their own")
    func race() async throws {
        try await SealingWorld.with { world in
            let versions = try await withThrowingTaskGroup(of: ModelVersion.self) { group in
                for _ in 0..<32 { group.addTask { try await world.register() } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(versions.map(\.number.rawValue).sorted() == Array(1...32))
            #expect(Set(versions.map(\.semanticVersion)).count == 32)
        }
    }
}

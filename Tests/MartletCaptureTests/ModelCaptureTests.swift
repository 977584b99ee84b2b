import MartletCapture
import MartletCore
import Testing

@Suite("Capturing a version")
struct ModelCaptureTests {
    private func files(_ paths: [String], size: Int64 = 10) -> [WellKnownFiles.File] {
        paths.sorted().map { WellKnownFiles.File(path: $0, size: size) }
    }

    private static let tensors = #"{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#

    @Test("a version of scikit-learn is told whole")
    func sklearn() {
        let files = self.files([
            "MLmodel", "code/gen.py", "conda.yaml", "model.skops", "python_env.yaml", "requirements.txt",
        ])
        let model = ModelCapture.capture(
            files,
            texts: [
                "MLmodel": .text(MLmodelText.sklearn), "requirements.txt": .text("mlflow==3.17.2\n"),
                "python_env.yaml": .text("python: 3.11.7\n"), "conda.yaml": .text("dependencies: [python=3.11, pip]"),
            ]
        )
        #expect(model.problems.isEmpty)
        #expect(model.files.map(\.role) == [.config, .code, .config, .weights, .config, .config])
        #expect(model.signature?.outputs?.count == 1)
        #expect(model.flavors.map(\.name) == ["python_function", "sklearn"])
        #expect(model.environment?.pythonVersion == "3.11.7")
        #expect(model.environment?.packages.map(\.name) == ["mlflow", "pip"])
        #expect(model.architecture == nil)
    }

    @Test(
        "the files to be read are found where the model is",
        arguments: [
            (["MLmodel", "a/MLmodel", "a/config.json", "a/b/config.json"], "", ["MLmodel", "a/config.json"]),
            (
                ["a/MLmodel", "a/model/config.json", "a/x/y/config.json", "b/conda.yaml"], "a/",
                ["a/MLmodel", "a/model/config.json"]
            ),
            (["config.json", "unet/config.json", "x.txt"], "", ["config.json", "unet/config.json"]),
            (["m/config.json", "m/requirements.txt"], "m/", ["m/requirements.txt", "m/config.json"]),
            (["a/b/MLmodel", "README.md"], "", []),
            (["A/MLmodel", "MLmodel"], "", ["MLmodel"]),
            ([], "", []),
        ] as [([String], String, [String])]
    )
    func wellKnown(paths: [String], root: String, texts: [String]) {
        let wellKnown = WellKnownFiles(among: self.files(paths))
        #expect(wellKnown.root == root)
        #expect(wellKnown.texts == texts)
    }

    @Test("a file that is too large to be read as text is a problem")
    func tooLarge() {
        let wellKnown = WellKnownFiles(among: [WellKnownFiles.File(path: "MLmodel", size: 1 << 30)])
        #expect(wellKnown.texts.isEmpty)
        #expect(wellKnown.problems == [CaptureProblem(path: "MLmodel", reason: "larger than 1048576 bytes")])
    }

    @Test("only so many files of a kind are read, and the rest is a problem")
    func tooMany() {
        let paths = (0..<2_000).flatMap { ["f\($0)/config.json", "f\($0)/m.safetensors"] } + ["MLmodel"]
        let wellKnown = WellKnownFiles(among: self.files(paths))
        #expect(wellKnown.texts.count <= CaptureLimits.textFiles)
        #expect(wellKnown.safetensors.count == CaptureLimits.headerFiles)
        #expect(wellKnown.problems.count == 2)
    }

    @Test("what cannot be read is a problem, and the rest is told")
    func problems() {
        let files = self.files([
            "MLmodel", "conda.yaml", "config.json", "m.safetensors", "python_env.yaml", "requirements.txt",
        ])
        let model = ModelCapture.capture(
            files,
            texts: [
                "MLmodel": .text("[[["), "conda.yaml": [0xFF], "config.json": .text("{"),
                "python_env.yaml": .text("- a"), "requirements.txt": .text("numpy==1"),
            ],
            headers: ["m.safetensors": .text("[]")]
        )
        #expect(
            model.problems.map(\.path).sorted() == [
                "MLmodel", "conda.yaml", "config.json", "m.safetensors", "python_env.yaml",
            ]
        )
        #expect(model.mlmodel == nil)
        #expect(model.environment?.packages.map(\.name) == ["numpy"])
        #expect(model.files.map(\.role) == [.config, .config, .config, .weights, .config, .config])
    }

    @Test("a signature that cannot be read is a problem of its file")
    func signatureProblem() {
        let text = MLmodelText.with(signature: "  inputs: '{}'")
        let model = ModelCapture.capture(self.files(["MLmodel", "model.pkl"]), texts: ["MLmodel": .text(text)])
        #expect(model.problems == [CaptureProblem(path: "MLmodel", reason: "the signature's inputs are not a list")])
        #expect(model.flavors.count == 1)
    }

    @Test("an architecture is the same however its tensors are spread over files")
    func architecture() {
        let two =
            #"{"b":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"#
            + #""a":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}"#
        let a = #"{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}"#
        let b = #"{"b":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}"#
        func capture(_ headers: [(String, String, Int)]) -> CapturedModel {
            let files = headers.map { WellKnownFiles.File(path: $0.0, size: Int64($0.1.utf8.count + 8 + $0.2)) }
            return ModelCapture.capture(
                files + [WellKnownFiles.File(path: "config.json", size: 2)],
                texts: ["config.json": .text(#"{"model_type":"bert"}"#)],
                headers: Dictionary(uniqueKeysWithValues: headers.map { ($0.0, .text($0.1)) })
            )
        }
        let whole = capture([("m.safetensors", two, 3)])
        let spread = capture([("m-1.safetensors", b, 1), ("m-2.safetensors", a, 2)])
        #expect(whole.problems.isEmpty)
        #expect(whole.architecture?.parameterCount == 3)
        #expect(whole.architecture?.canonicalBytes == spread.architecture?.canonicalBytes)
        #expect(
            whole.architecture.map { String(decoding: $0.canonicalBytes, as: UTF8.self) }
                == #"{"configs":[{"config":{"architectures":[],"dimensions":{},"model_type":"bert"},"folder":""}],"#
                + #""tensors":[{"dtype":"U8","folder":"","name":"a","shape":[2]},"#
                + #"{"dtype":"U8","folder":"","name":"b","shape":[1]}]}"#
        )
        let other = capture([("unet/m.safetensors", two, 3)])
        #expect(other.architecture?.tensors.map(\.folder) == ["unet", "unet"])
        #expect(other.architecture?.canonicalBytes != whole.architecture?.canonicalBytes)
    }

    @Test("a file that nobody asked for is ignored")
    func unasked() {
        var capture = ModelCapture(files: self.files(["a.txt"]))
        capture.add(text: .text("[["), of: "a.txt")
        capture.add(text: .text("[["), of: "MLmodel")
        #expect(capture.finish().problems.isEmpty)
        #expect(capture.finish().mlmodel == nil)
    }

    @Test("a version of a thousand files takes milliseconds")
    func thousandFiles() {
        let paths = (0..<1_000).map { "data/deep/er/part-\($0).bin" } + ["MLmodel"]
        let files = self.files(paths)
        let clock = ContinuousClock()
        let time = clock.measure {
            let model = ModelCapture.capture(files, texts: ["MLmodel": .text(MLmodelText.sklearn)])
            #expect(model.files.count == 1_001)
        }
        // In a debug build on a busy machine; a quadratic scan would take many times that.
        #expect(time < .milliseconds(500))
    }
}

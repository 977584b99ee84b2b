import MartletCapture
import MartletCore
import Testing

@Suite("MLmodel files")
struct MLmodelFileTests {
    @Test("a file of scikit-learn is told whole")
    func sklearn() throws {
        let file = try MLmodelFile(parsing: .text(MLmodelText.sklearn))
        #expect(file.flavors.map(\.name) == ["python_function", "sklearn"])
        #expect(file.flavors[1].libraryVersion == "1.9.1")
        #expect(file.flavors[0].libraryVersion == nil)
        #expect(file.flavors[0].fields["env.conda"] == "conda.yaml")
        #expect(file.flavors[1].fields["skops_trusted_types"] == nil)
        #expect(file.loaderModule == "mlflow.sklearn")
        #expect(file.pythonVersion == "3.11.7")
        #expect(file.mlflowVersion == "3.17.2")
        #expect(file.modelID == "m-0123")
        #expect(file.runID == "5f0b")
        #expect(file.modelUUID == "1826b7976b474df5b7b3877493309dd5")
        #expect(file.createdAt == "2026-11-21 09:22:20.852112")
        #expect(file.sizeBytes == 10_644)
        #expect(file.signature?.inputs?.map(\.name) == ["age", "x", "name"])
        #expect(file.signature?.params.map(\.name) == ["k", "names", "t"])
        #expect(file.signatureProblem == nil)
    }

    @Test(
        "the version of a library is found under the name that its flavor gives it",
        arguments: [
            ("xgboost", "xgb_version: 3.0.1\n    data: model.xgb", "3.0.1"),
            ("pytorch", "model_data: data\n    pytorch_version: 2.9.0+cpu", "2.9.0+cpu"),
            ("spark", "pyspark_version: 4.0", "4.0"), ("crate", "python_version: 3", nil),
            ("langchain", "env:\n      a_version: 1", nil),
        ] as [(String, String, String?)]
    )
    func libraryVersion(flavor: String, fields: String, version: String?) throws {
        let file = try MLmodelFile(parsing: .text("flavors:\n  \(flavor):\n    \(fields)\n"))
        #expect(file.flavors.first?.libraryVersion == version)
    }

    @Test("task and type are found where each flavor puts them")
    func task() throws {
        let pyfunc = "flavors:\n  python_function: {}\nmetadata:\n  task: llm/v1/chat\n"
        #expect(try MLmodelFile(parsing: .text(pyfunc)).task == "llm/v1/chat")
        let transformers = "flavors:\n  transformers:\n    task: fill-mask\n    pipeline_model_type: BertForMaskedLM\n"
        let file = try MLmodelFile(parsing: .text(transformers))
        #expect(file.task == "fill-mask")
        #expect(file.modelType == "BertForMaskedLM")
    }

    @Test("credentials in a flavor are left out")
    func credentials() throws {
        let text =
            "flavors:\n  python_function:\n    artifacts:\n"
            + "      a: {path: artifacts/a, uri: 'https://u:p@h/a?token=t'}\n"
        let fields = try MLmodelFile(parsing: .text(text)).flavors[0].fields
        #expect(fields == ["artifacts.a.path": "artifacts/a", "artifacts.a.uri": "https://h/a"])
    }

    @Test(
        "a signature that cannot be read is a problem of its own",
        arguments: [
            ("  inputs: '[{\"type\"'", "the signature's inputs are not JSON: expected ':', at byte 8"),
            ("  inputs: [a]", "the signature's inputs are not a text"),
            ("  inputs: '{}'", "the signature's inputs are not a list"),
            ("  inputs: '[1]'", "the signature's inputs: a type is missing"),
            ("  outputs: '[{\"name\": \"x\"}]'", "the signature's outputs: a type is missing"),
            ("  inputs: '[{\"type\": \"tensor\"}]'", "the signature's inputs: a tensor has no type or shape"),
            ("  params: '[{\"type\": \"long\"}]'", "the signature's params: a param has no name"),
            ("  - a", "the signature is not a map"),
            (
                "  inputs: '[{\"name\":\"a\",\"type\":\"long\"},{\"name\":\"a\",\"type\":\"long\"}]'",
                "'a' is given twice"
            ),
        ]
    )
    func signatureProblem(signature: String, reason: String) throws {
        let file = try MLmodelFile(parsing: .text(MLmodelText.with(signature: signature)))
        #expect(file.signature == nil)
        #expect(file.signatureProblem == reason)
        #expect(file.flavors.map(\.name) == ["sklearn"])
    }

    @Test("a signature that is deep is refused")
    func deepSignature() throws {
        let deep = String(repeating: #"{"type":"array","items":"#, count: 5_000)
        let file = try MLmodelFile(parsing: .text(MLmodelText.with(signature: "  inputs: '[\(deep)'")))
        #expect(file.signatureProblem?.contains("the text is nested too deeply") == true)
    }

    @Test(
        "a file without a signature has neither one nor a problem",
        arguments: ["flavors: {}", "signature: null\na: 1"]
    )
    func noSignature(text: String) throws {
        let file = try MLmodelFile(parsing: .text(text))
        #expect(file.signature == nil)
        #expect(file.signatureProblem == nil)
    }

    @Test(
        "odd values are no values",
        arguments: ["flavors: [1]", "flavors: x", "model_size_bytes: [1]", "run_id: {a: 1}"]
    )
    func odd(text: String) throws {
        let file = try MLmodelFile(parsing: .text(text))
        #expect(file.flavors.isEmpty)
        #expect(file.sizeBytes == nil)
        #expect(file.runID == nil)
    }

    @Test("a file that is no map is refused", arguments: ["", "- a", "x"])
    func noMap(text: String) {
        #expect(refusal { () throws(MartletError) in _ = try MLmodelFile(parsing: .text(text)) } == "not a map")
    }

    @Test("a flavor of very many fields keeps some of them")
    func manyFields() throws {
        let text = "flavors:\n  a:\n    " + (0..<9_000).map { "f\($0): x\n    " }.joined() + "\n"
        #expect(try MLmodelFile(parsing: .text(text)).flavors[0].fields.count == CaptureLimits.flavorFields)
    }
}

import MartletCapture
import Testing

@Suite("Roles of files")
struct FileRoleTests {
    @Test(
        "names alone tell a role",
        arguments: [
            ("MLmodel", .config), ("requirements.txt", .config), ("requirements-dev.txt", .config),
            ("conda.yaml", .config),
            ("config.json", .config), ("generation_config.json", .config), ("a/b.toml", .config), ("a.INI", .config),
            ("model.safetensors", .weights), ("model-00001-of-00002.safetensors", .weights), ("a/b.PT", .weights),
            ("model.safetensors.index.json", .weights), ("pytorch_model.bin", .weights), ("m.gguf", .weights),
            ("variables/variables.data-00000-of-00001", .weights), ("variables/variables.index", .weights),
            ("saved_model.pb", .weights), ("model.skops", .weights), ("model.joblib", .weights),
            ("xgb.model", .weights),
            ("tokenizer.json", .tokenizer), ("sub/vocab.txt", .tokenizer), ("merges.txt", .tokenizer),
            ("tokenizer.model", .tokenizer), ("spiece.model", .tokenizer), ("tokenizer/whatever.dat", .tokenizer),
            ("preprocessor_config.json", .preprocessing), ("feature_extractor/x.json", .preprocessing),
            ("train.py", .code), ("a.ipynb", .code), ("run.sh", .code), ("train.log", .logs),
            ("runs/events.out.tfevents.1700000000.host.1.0", .logs), ("logs/x.txt", .logs),
            ("README.md", .other), ("input_example.json", .other), ("picture.png", .other), ("weights", .other),
            ("", .other), ("a/", .other),
            (".", .other),
        ] as [(String, FileRole)]
    )
    func names(path: String, role: FileRole) {
        #expect(FileRoles(declaredBy: nil).role(of: path) == role)
    }

    private func roles(_ flavors: String, root: String = "") throws -> FileRoles {
        FileRoles(declaredBy: try MLmodelFile(parsing: .text("flavors:\n" + flavors)), root: root)
    }

    @Test("what a flavor declares comes before what names say")
    func declared() throws {
        let roles = try self.roles(
            "  python_function:\n    code: code\n    env: {conda: env/conda.txt}\n    data: data\n"
                + "    artifacts: {a: {path: artifacts/a}, t: {path: artifacts/tok/}, c: {path: artifacts/c.ini}}\n"
                + "  sklearn: {pickled_model: ./best.txt, tokenizer_file: my.dat}\n"
                + "  langchain: {model_code_path: chain.txt}\n"
        )
        #expect(roles.role(of: "best.txt") == .weights)
        #expect(roles.role(of: "env/conda.txt") == .config)
        #expect(roles.role(of: "code/data.json") == .code)
        #expect(roles.role(of: "code/deep/model.pkl") == .code)
        #expect(roles.role(of: "codes/data.json") == .config)
        #expect(roles.role(of: "data/part-0") == .weights)
        #expect(roles.role(of: "data/config.json") == .config)
        #expect(roles.role(of: "artifacts/a") == .weights)
        #expect(roles.role(of: "artifacts/c.ini") == .config)
        #expect(roles.role(of: "artifacts/tok/tokenizer.json") == .tokenizer)
        #expect(roles.role(of: "my.dat") == .tokenizer)
        #expect(roles.role(of: "chain.txt") == .code)
        #expect(roles.role(of: "README.md") == .other)
    }

    @Test("paths are declared from the folder of the MLmodel file")
    func root() throws {
        let roles = try self.roles("  sklearn: {pickled_model: best}\n", root: "model/")
        #expect(roles.role(of: "model/best") == .weights)
        #expect(roles.role(of: "best") == .other)
        #expect(roles.role(of: "train.py") == .code)
    }

    @Test(
        "an MLmodel file cannot declare what describes it, nor all, nor what is outside",
        arguments: [
            "MLmodel", ".", "/", "", "..", "../x", "/etc", "requirements.txt",
        ]
    )
    func lies(path: String) throws {
        let roles = try self.roles("  a: {pickled_model: '\(path)', code: '\(path)'}\n")
        #expect(roles.role(of: "MLmodel") == .config)
        #expect(roles.role(of: "requirements.txt") == .config)
        #expect(roles.role(of: "model.pkl") == .weights)
        #expect(roles.role(of: "README") == .other)
        #expect(roles.role(of: "etc") == .other)
    }
}

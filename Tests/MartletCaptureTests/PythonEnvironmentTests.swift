import MartletCapture
import MartletCore
import MartletJSON
import Testing

@Suite("Python environments")
struct PythonEnvironmentTests {
    @Test(
        "each kind of requirement is read, and what requires nothing is passed over",
        arguments: [
            ("scikit-learn==1.9.1", "scikit-learn", "scikit-learn==1.9.1"),
            ("  Scikit_Learn  >= 1.0 , <2  # why\t", "scikit-learn", "Scikit_Learn  >= 1.0 , <2"),
            ("ruamel.yaml", "ruamel-yaml", "ruamel.yaml"),
            (
                "requests[security,socks]==2.0; python_version < '3.12'", "requests",
                "requests[security,socks]==2.0; python_version < '3.12'"
            ),
            ("torch==2.9.0+cpu --hash=sha256:aa --hash=sha256:bb", "torch", "torch==2.9.0+cpu"),
            ("pkg @ https://user:token@host/pkg.zip", "pkg", "pkg @ https://host/pkg.zip"),
            ("git+https://tok@github.com/o/My_Repo.git@v1.0", "my-repo", "git+https://github.com/o/My_Repo.git@v1.0"),
            (
                "-e git+ssh://git@host/o/r.git#egg=Some.Name&subdirectory=x", "some-name",
                "git+ssh://host/o/r.git#egg=Some.Name&subdirectory=x"
            ),
            (
                "https://host/a/numpy-1.0-py3-none-any.whl?sig=secret", "numpy",
                "https://host/a/numpy-1.0-py3-none-any.whl"
            ),
            ("./wheels/my_pkg-0.1-py3-none-any.whl", "my-pkg", "./wheels/my_pkg-0.1-py3-none-any.whl"),
            ("my_pkg-0.1-py3-none-any.whl", "my-pkg", "my_pkg-0.1-py3-none-any.whl"),
            ("a~=1.0", "a", "a~=1.0"), ("a!=1", "a", "a!=1"), ("a===1", "a", "a===1"), ("a (>=1)", "a", "a (>=1)"),
        ]
    )
    func requirement(line: String, name: String, requirement: String) {
        let package = PythonPackage(requirement: line)
        #expect(package?.name == name)
        #expect(package?.requirement == requirement)
    }

    @Test(
        "lines that require nothing",
        arguments: [
            "", "   ", "# a", "-r other.txt", "--index-url https://u:p@host/simple", "-i https://host",
            "--hash=sha256:aa",
            "-c c.txt", "--extra-index-url=https://host",
        ]
    )
    func nothing(line: String) {
        #expect(PythonPackage(requirement: line) == nil)
    }

    @Test(
        "no credential of a URL is kept, however it is written",
        arguments: [
            ("https://user:token@host/x", "https://host/x"),
            ("https://token@host:8080/x@v1", "https://host:8080/x@v1"),
            ("https://user:pa/ss@host/x", "https://host/x"),
            ("https://user:p@ss@host/x", "https://host/x"),
            ("https://${USER}:${TOKEN}@host", "https://host"),
            ("https://host:443/x", "https://host:443/x"),
            ("https://[::1]/x@1", "https://[::1]/x@1"),
            ("https://host/x?X-Amz-Signature=abc#egg=y", "https://host/x#egg=y"),
            ("https://u:p?q@host/x", "https://host/x"),
            ("https://proxy/http://u:p@host/x", "https://proxy/http://host/x"),
            ("https://host/x?to=http://z&token=t", "https://host/x"),
            ("https://a@b://c@d?e://f", "https://b://d"),
            ("a https://u:p@h b 'https://v:w@i' c", "a https://h b 'https://i' c"),
            ("://", "://"), ("https://", "https://"), ("https://@", "https://"), ("no url: a@b?c", "no url: a@b?c"),
        ]
    )
    func redaction(text: String, redacted: String) {
        #expect(URLRedaction.redacted(text) == redacted)
    }

    @Test("a requirements file has comments, options and lines that go on")
    func requirements() throws {
        let text =
            "# made by hand\n--extra-index-url https://u:p@host/simple\n-r other.txt\n"
            + "numpy==2.4.6 \\\n    --hash=sha256:aa \\\n"
            + "    --hash=sha256:bb\nmlflow==3.17.2\r\n\nNumPy==1.0\nlast"
        let environment = try PythonEnvironment(requirements: .text(text))
        #expect(environment.packages.map(\.requirement) == ["last", "mlflow==3.17.2", "numpy==2.4.6"])
        #expect(environment.packages.map(\.name) == ["last", "mlflow", "numpy"])
    }

    @Test("python_env.yaml names the Python and what builds; the requirements it refers to are another file")
    func pythonEnv() throws {
        let text =
            "python: 3.11.7\nbuild_dependencies:\n- pip==23.2.1\n- setuptools==65.5.0\n- wheel\n"
            + "dependencies:\n- -r requirements.txt\n"
        let environment = try PythonEnvironment(pythonEnv: .text(text))
        #expect(environment.pythonVersion == "3.11.7")
        #expect(environment.packages.map(\.requirement) == ["pip==23.2.1", "setuptools==65.5.0", "wheel"])
        let short = try PythonEnvironment(pythonEnv: .text("python: 3.10\n"))
        #expect(short.pythonVersion == "3.10")
    }

    @Test("conda.yaml names packages of conda and of pip")
    func conda() throws {
        let text =
            "channels:\n- https://host/t/secret/ch\ndependencies:\n- python=3.11.7\n- pip<=23.2.1\n"
            + "- https://host/t/secret/ch::cuda-toolkit=12.1=h0\n"
            + "- numpy=1.0\n- pip:\n  - mlflow==3.17.2\n  - numpy==2.4.6\n"
            + "  - -r x.txt\nname: mlflow-env\n"
        let environment = try PythonEnvironment(conda: .text(text))
        #expect(environment.pythonVersion == "3.11.7")
        #expect(
            environment.packages.map(\.requirement) == [
                "cuda-toolkit=12.1=h0", "mlflow==3.17.2", "numpy==2.4.6", "pip<=23.2.1",
            ]
        )
        #expect(try PythonEnvironment(conda: .text("dependencies: [python>=3.10]")).pythonVersion == ">=3.10")
        #expect(try PythonEnvironment(conda: .text("dependencies: [python]")).pythonVersion == nil)
        #expect(try PythonEnvironment(conda: .text("dependencies: [python=3.9.2=h1_0]")).pythonVersion == "3.9.2")
        #expect(try PythonEnvironment(conda: .text("dependencies: [python==3.9]")).pythonVersion == "3.9")
        #expect(try PythonEnvironment(conda: .text("dependencies: x")).packages.isEmpty)
    }

    @Test("what one file says counts more than what those after it say")
    func merging() throws {
        let first = try PythonEnvironment(requirements: .text("numpy==2\n"))
        let second = try PythonEnvironment(conda: .text("dependencies: [python=3.11, numpy=1, pip]"))
        let third = try PythonEnvironment(pythonVersion: "3.9", packages: [])
        let merged = try PythonEnvironment.merging([first, second, third])
        #expect(merged.pythonVersion == "3.11")
        #expect(merged.packages.map(\.requirement) == ["numpy==2", "pip"])
        #expect(
            merged.json.text
                == #"{"packages":[{"name":"numpy","requirement":"numpy==2"},"#
                + #"{"name":"pip","requirement":"pip"}],"python":"3.11"}"#
        )
    }

    @Test("a change tells packages apart by their normalised names")
    func change() throws {
        let older = try PythonEnvironment(
            conda: .text("dependencies: [python=3.10, pip: [Scikit_Learn==1, gone==1, same==1]]")
        )
        let newer = try PythonEnvironment(
            conda: .text("dependencies: [python=3.11, pip: [scikit-learn==2, new==1, same==1]]")
        )
        let change = newer.change(from: older)
        #expect(change.python == EnvironmentChange.Values("3.10", "3.11"))
        #expect(change.added.map(\.name) == ["new"])
        #expect(change.removed.map(\.name) == ["gone"])
        #expect(
            change.changed == [
                EnvironmentChange.Package(name: "scikit-learn", old: "Scikit_Learn==1", new: "scikit-learn==2")
            ]
        )
        #expect(!change.isEmpty)
        #expect(newer.change(from: newer).isEmpty)
    }

    @Test("a file that is no environment is refused")
    func refused() {
        #expect(refusal { () throws(MartletError) in _ = try PythonEnvironment(conda: .text("- a")) } == "not a map")
        #expect(refusal { () throws(MartletError) in _ = try PythonEnvironment(pythonEnv: .text("[[")) } != nil)
        #expect(refusal { () throws(MartletError) in _ = try PythonEnvironment(requirements: [0xFF]) } == "not UTF-8")
        let many = (0...CaptureLimits.packages).map { "p\($0)\n" }.joined()
        let reason = refusal { () throws(MartletError) in _ = try PythonEnvironment(requirements: .text(many)) }
        #expect(reason == "more than 10000 packages")
    }

    @Test(
        "hostile lines take no longer than others",
        arguments: ["-", "[", "a[", "://", "@", " #", "-e ", "\\\n", "a.-_", "?", "://a:x/", "://a:x?", "://@"]
    )
    func hostile(piece: String) {
        let text = String(repeating: piece, count: CaptureLimits.textBytes / 4 / piece.utf8.count)
        let (_, time) = onSmallStack { _ = try? PythonEnvironment(requirements: .text(text)) }
        #expect(time < .seconds(5))
    }
}

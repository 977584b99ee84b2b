import MartletBackends
import MartletCore
import MartletSupervisor
import Testing

@Suite("Commands that run versions")
struct CommandTemplateTests {
    private let version = RunnableVersion(key: 7, model: "iris", number: 3, label: "iris@1.2.0")

    @Test("the usual command serves a version with MLflow")
    func usual() throws {
        #expect(
            try CommandTemplate.mlflow.filled(for: self.version, port: 20_001) == [
                "mlflow", "models", "serve", "-m", "models:/iris/3", "--host", "127.0.0.1", "--port", "20001",
                "--env-manager", "local",
            ]
        )
    }

    @Test("quotes keep words together, and nothing else has a meaning")
    func quotes() throws {
        let template = try CommandTemplate("'/opt/my server' -p\t{port} \"a 'b'\" '' $HOME;ls")
        #expect(
            try template.filled(for: self.version, port: 1) == [
                "/opt/my server", "-p", "1", "a 'b'", "", "$HOME;ls",
            ]
        )
    }

    @Test("what a model is called is neither split nor filled in again")
    func names() throws {
        let odd = RunnableVersion(key: 1, model: "a b {port}; rm -rf {version}", number: 2, label: "x")
        let template = try CommandTemplate("serve {model}/{version} {port} {other} {")
        #expect(
            try template.filled(for: odd, port: 5) == ["serve", "a b {port}; rm -rf {version}/2", "5", "{other}", "{"]
        )
    }

    @Test("a name that would not come unchanged to the program is refused")
    func refusedNames() throws {
        let word = try CommandTemplate("serve {model} {port}")
        let none = try CommandTemplate("serve {port}")
        for (name, isWord, isURI) in [("a\0b", false, false), ("a\r\n", false, false), ("a?b", true, false)] {
            let version = RunnableVersion(key: 1, model: name, number: 2, label: "x")
            #expect(Self.takes(version, word) == isWord)
            #expect(Self.takes(version, .mlflow) == isURI)
            #expect(Self.takes(version, none))
        }
    }

    @Test(
        "a command without a program, a port or an end of its quote is refused",
        arguments: ["", "serve", "'a {port}"]
    )
    func refused(text: String) {
        #expect(throws: MartletError.self) { try CommandTemplate(text) }
    }

    private static func takes(_ version: RunnableVersion, _ template: CommandTemplate) -> Bool {
        do {
            try template.require(nameOf: version)
            return true
        } catch {
            return false
        }
    }
}

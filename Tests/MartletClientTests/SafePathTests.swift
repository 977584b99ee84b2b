import MartletClient
import Testing

@Suite("Paths that a server names")
struct SafePathTests {
    @Test("plain relative paths are taken", arguments: ["a", "a/b/c.txt", "Modèle/weights.bin", ".hidden", "a..b/…"])
    func plain(path: String) throws {
        #expect(try SafePath(path).description == path)
    }

    @Test(
        "what could lead out of the folder, or deceive, is refused",
        arguments: [
            "", "/", "/etc/passwd", "..", "../x", "a/../b", "a/..", "./a", "a//b", "a/", "a\\b", "..\\x", "a\0b",
            "a\nb",
            "a\u{1B}[2J", "a\u{7F}", "a\u{85}", "a\u{202E}gpj.exe", "x.martlet-partial",
            String(repeating: "n", count: 256), String(repeating: "d/", count: 3_000) + "f",
        ]
    )
    func refused(path: String) {
        #expect { try SafePath(path) } throws: { ($0 as? MartletClientError)?.code == .unsafePath }
    }
}

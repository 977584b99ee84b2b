import MartletWire
import Subprocess

/// What Git says of the folder in which a command runs.
package enum WorkTree {
    private static let answerBytesMax = 1_024 * 1_024

    /// Returns which code is there; `nil` outside of a work tree, and where there is no Git.
    static func code() async -> CodeRecord? {
        guard let commit = await self.git("rev-parse", "HEAD") else { return nil }
        let remote = await self.git("remote")?.split(separator: "\n").first.map(String.init)
        let url = await self.git("remote", "get-url", await self.hasOrigin() ? "origin" : remote ?? "origin")
        let changes = await self.git("status", "--porcelain", "--untracked-files=no")
        return CodeRecord(
            repository: url.map(self.withoutCredentials),
            commit: commit,
            branch: await self.git("symbolic-ref", "--short", "--quiet", "HEAD"),
            dirty: changes.map { !$0.isEmpty }
        )
    }

    private static func hasOrigin() async -> Bool {
        await self.git("remote")?.split(separator: "\n").contains("origin") ?? false
    }

    /// Removes what must not be written down from a repository's URL: a password, and the user's name where it may be
    /// a token.
    package static func withoutCredentials(_ url: String) -> String {
        guard let scheme = url.firstRange(of: "://") else { return url }
        let rest = url[scheme.upperBound...]
        let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        let path = rest[authority.endIndex...].prefix { $0 != "?" && $0 != "#" }
        guard let at = authority.lastIndex(of: "@") else { return "\(url[..<scheme.upperBound])\(authority)\(path)" }
        let host = authority[authority.index(after: at)...]
        let user = authority[..<at].prefix { $0 != ":" }
        // Over SSH the name is an account's; over HTTP it is often a token.
        let account = url.hasPrefix("ssh") ? "\(user)@" : ""
        return "\(url[..<scheme.upperBound])\(account)\(host)\(path)"
    }

    /// Asks Git; `nil` when it fails or is not there.
    private static func git(_ arguments: String...) async -> String? {
        // A program that Git would start to watch for changes is none of our business.
        let settings = ["--no-optional-locks", "-c", "core.fsmonitor=false"]
        // Why there is no answer makes no difference.
        let result = try? await Subprocess.run(
            .name("git"),
            arguments: Arguments(settings + arguments),
            output: .string(limit: self.answerBytesMax),
            error: .discarded
        )
        guard let result, result.terminationStatus.isSuccess else { return nil }
        return String(result.standardOutput.trimmingNewlines)
    }
}

extension StringProtocol {
    fileprivate var trimmingNewlines: SubSequence {
        guard let last = self.lastIndex(where: { !$0.isNewline }) else {
            return self[self.startIndex..<self.startIndex]
        }
        return self[...last]
    }
}

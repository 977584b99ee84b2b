import ArgumentParser
import MartletWire

/// Where a request says whom it is about, as in `header:x-user`.
struct SubjectArgument: ExplainedArgument, Sendable {
    static let spelling = "header:NAME, cookie:NAME or member:NAME.NAME"

    let source: SubjectSource

    init?(argument: String) {
        let parts = argument.split(separator: ":", maxSplits: 1).map(String.init)
        switch (parts.first, parts.count) {
        case ("header", 2): self.source = SubjectSource(header: parts[1])
        case ("cookie", 2): self.source = SubjectSource(cookie: parts[1])
        case ("member", 2): self.source = SubjectSource(member: parts[1].split(separator: ".").map(String.init))
        default: return nil
        }
    }
}

import HTTPTypes
import Hummingbird
import MartletCore
import MartletRegistry
import MartletSearch
import MartletWire

/// `/models/{model}/versions`: versions, what is said of them, and how they go and come back.
struct VersionOperations {
    private static let version = "/models/{model}/versions/{version}"

    let services: NativeServices

    var all: [Operation] { self.versions + self.words + self.removals }

    private var versions: [Operation] {
        [
            .get(
                "/models/{model}/versions",
                "listVersions",
                "List versions, the newest first",
                query: [
                    .init("stage", "Only those in this stage"),
                    .init("range", "Only these semantic versions, as in ^1.2"),
                    .init("deleted", .boolean, "Whether to list the deleted ones instead"),
                ] + .paging,
                answer: .json(.init(of: VersionPage.self)),
                run: self.list
            ),
            .change(
                .post,
                "/models/{model}/versions",
                "registerVersion",
                "Register a version and seal it",
                body: .json(.init(of: Registration.self)),
                status: .created,
                answer: .json(.init(of: VersionRecord.self)),
                run: self.register
            ),
            .get(
                Self.version,
                "getVersion",
                "Show a version; its entity tag says where it stands",
                answer: .json(.init(of: VersionRecord.self))
            ) { request throws(MartletError) in
                try Self.answer(
                    try await self.services.versions.version(try request.version(), of: try request.model())
                )
            },
            .get(
                "/digests/{digest}",
                "getVersionByDigest",
                "Find the version whose manifest has a SHA-256",
                answer: .json(.init(of: VersionRecord.self))
            ) { request throws(MartletError) in
                let digest = try BlobDigest(validating: try request.capture("digest"))
                return try Self.answer(try await self.services.versions.version(digest))
            },
            .change(
                .post,
                "\(Self.version)/seal",
                "sealVersion",
                "Seal a version that was registered before its files were there",
                query: [.reason],
                answer: .json(.init(of: VersionRecord.self))
            ) { request throws(MartletError) in
                let act = try request.act()
                let (selector, name) = (try request.version(), try request.model())
                return try Self.answer(try await self.services.versions.seal(selector, of: name, by: act))
            },
            .change(
                .put,
                "\(Self.version)/semantic-version",
                "renumberVersion",
                "Give a candidate another semantic version",
                body: .json(.init(of: SemanticVersionChange.self)),
                answer: .json(.init(of: VersionRecord.self))
            ) { request throws(MartletError) in
                let message = try await request.message(SemanticVersionChange.self)
                let version = try await self.services.versions.renumber(
                    try request.version(),
                    of: try request.model(),
                    to: try SemanticVersion(validating: message.semanticVersion),
                    by: try request.act(message.reason)
                )
                return try Self.answer(version)
            },
        ]
    }

    private var words: [Operation] {
        [
            .change(
                .put,
                "\(Self.version)/description",
                "describeVersion",
                "Replace a version's description",
                body: .json(.init(of: DescriptionChange.self)),
                status: .noContent
            ) { request throws(MartletError) in
                let text = try await request.message(DescriptionChange.self).description
                let (number, name) = try await self.number(request)
                _ = try await self.services.versions.describe(number, of: name, as: text, by: try request.act())
                return .noContent
            },
            .change(
                .put,
                "\(Self.version)/tags/{key}",
                "setVersionTag",
                "Set a tag of a version",
                body: .json(.init(of: TagChange.self)),
                status: .noContent
            ) { request throws(MartletError) in
                let tag = try NativeTag(request.capture("key"), try await request.message(TagChange.self).value).tag
                let (number, name) = try await self.number(request)
                try await self.services.versions.setTag(tag, on: number, of: name, by: try request.act())
                return .noContent
            },
            .change(
                .delete,
                "\(Self.version)/tags/{key}",
                "deleteVersionTag",
                "Remove a tag of a version",
                query: [.reason],
                status: .noContent
            ) { request throws(MartletError) in
                let key = try request.capture("key")
                let (number, name) = try await self.number(request)
                try await self.services.versions.deleteTag(key, of: number, of: name, by: try request.act())
                return .noContent
            },
            .change(
                .post,
                "\(Self.version)/notes",
                "addNote",
                "Write a note on a version, beside its manifest",
                body: .json(.init(of: NoteCreation.self)),
                status: .created,
                answer: .json(.init(of: NoteRecord.self))
            ) { request throws(MartletError) in
                let text = try await request.message(NoteCreation.self).text
                let note = try await self.services.notes.add(
                    text,
                    to: try request.version(),
                    of: try request.model(),
                    by: try request.act()
                )
                return try .json(NoteRecord(note), status: .created)
            },
            .get(
                "\(Self.version)/notes",
                "listNotes",
                "List the notes on a version, the oldest first",
                answer: .json(.init(of: NoteList.self))
            ) { request throws(MartletError) in
                let notes = try await self.services.notes.notes(of: try request.version(), of: try request.model())
                return try .json(NoteList(notes: notes.map { NoteRecord($0) }))
            },
        ]
    }

    private var removals: [Operation] {
        [
            .change(
                .delete,
                Self.version,
                "deleteVersion",
                "Hide a version and the aliases that point at it",
                query: [.reason],
                status: .noContent
            ) { request throws(MartletError) in
                let act = try request.act()
                try await self.services.removals.delete(try request.version(), of: try request.model(), by: act)
                return .noContent
            },
            self.removal("restore", "restoreVersion", "Bring back a deleted version", needs: .writeRegistry) {
                number,
                name,
                act throws(MartletError) in
                try await self.services.removals.restore(number, of: name, by: act)
            },
            self.removal(
                "purge",
                "purgeVersion",
                "Destroy a version's content for good, and leave a tombstone",
                needs: .governRegistry
            ) { number, name, act throws(MartletError) in
                try await self.services.removals.purge(number, of: name, by: act)
            },
            .change(
                .put,
                "\(Self.version)/hold",
                "holdVersion",
                "Forbid that a version is purged",
                needs: .governRegistry,
                body: .json(.init(of: ReasonMessage.self)),
                answer: .json(.init(of: VersionRecord.self))
            ) { request throws(MartletError) in
                let act = try request.act(try await request.message(ReasonMessage.self).reason)
                return try await self.hold(true, request, act)
            },
            .change(
                .delete,
                "\(Self.version)/hold",
                "releaseVersion",
                "Allow again that a version is purged",
                needs: .governRegistry,
                query: [.reason],
                answer: .json(.init(of: VersionRecord.self))
            ) { request throws(MartletError) in try await self.hold(false, request, try request.act()) },
        ]
    }

    private func removal(
        _ verb: String,
        _ name: String,
        _ summary: String,
        needs permission: Permission,
        _ body: @escaping @Sendable (VersionNumber, ModelName, Act) async throws(MartletError) -> ModelVersion
    ) -> Operation {
        .change(
            .post,
            "\(Self.version)/\(verb)",
            name,
            summary,
            needs: permission,
            body: .json(.init(of: ReasonMessage.self)),
            isBodyRequired: false,
            answer: .json(.init(of: VersionRecord.self))
        ) { request throws(MartletError) in
            let reason = try await request.optionalMessage(ReasonMessage.self)?.reason
            let number = try await self.evenDeletedNumber(request)
            return try Self.answer(try await body(number, try request.model(), try request.act(reason)))
        }
    }

    private func hold(_ isHeld: Bool, _ request: NativeRequest, _ act: Act) async throws(MartletError) -> Response {
        let number = try await self.evenDeletedNumber(request)
        let name = try request.model()
        return try Self.answer(try await self.services.removals.setHold(isHeld, on: number, of: name, by: act))
    }

    /// The number of the version that is meant now.
    private func number(_ request: NativeRequest) async throws(MartletError) -> (VersionNumber, ModelName) {
        let name = try request.model()
        let selector = try request.version()
        if case .number(let number) = selector { return (number, name) }
        return (try await self.services.versions.version(selector, of: name).number, name)
    }

    /// The number of the version that is meant, which may be deleted.
    private func evenDeletedNumber(_ request: NativeRequest) async throws(MartletError) -> VersionNumber {
        try await self.services.removals.number(try request.version(), of: try request.model())
    }

    private static func answer(
        _ version: ModelVersion,
        status: HTTPResponse.Status = .ok
    ) throws(MartletError) -> Response {
        try .json(VersionRecord(version), status: status, headers: [.eTag: "\"\(version.revision)\""])
    }
}

extension VersionOperations {
    @Sendable private func list(_ request: NativeRequest) async throws(MartletError) -> Response {
        let name = try request.model()
        let (stage, range) = (request.text("stage"), request.text("range"))
        let isDeleted = try request.flag("deleted")
        let question = Fingerprint(of: ["native", name.rawValue, stage ?? "", range ?? "", "\(isDeleted)"])
        var conditions: [ModelVersionQuery.Condition] = [.name(.equals(name.rawValue))]
        if let stage { conditions.append(.stage(try StageName(validating: stage))) }
        if let range {
            guard let range = VersionRange(range) else { throw .invalid("'\(range)' is no range; write it as ^1.2.") }
            conditions.append(.semantic(range))
        }
        let query = ModelVersionQuery(
            conditions: conditions,
            order: [.init(.number, ascending: false)],
            hidesPrompts: false,
            visibility: isDeleted ? .deleted : .active,
            limit: try request.limit(),
            position: try request.position(in: question)
        )
        let page = try await self.services.versions.search(query, of: name)
        return try .json(
            VersionPage(
                versions: page.items.map { VersionRecord($0) },
                nextPageToken: page.next.map { PageToken(question: question, fields: $0).text }
            )
        )
    }

    @Sendable private func register(_ request: NativeRequest) async throws(MartletError) -> Response {
        let message = try await request.message(Registration.self)
        let name = try request.model()
        let act = try request.act()
        let new = try message.version(of: name)
        return try Self.answer(try await self.services.versions.create(new, by: act), status: .created)
    }
}

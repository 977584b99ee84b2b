import HTTPTypes
import Hummingbird
import MartletCore
import MartletRegistry
import MartletSearch
import MartletWire

/// `/models`: models, their tags and their aliases.
struct ModelOperations {
    let services: NativeServices

    var all: [Operation] { self.models + self.tags + self.aliases }

    private var models: [Operation] {
        [
            .get(
                "/models",
                "listModels",
                "List models by name",
                query: .paging,
                answer: .json(.init(of: ModelPage.self)),
                run: self.list
            ),
            .change(
                .post,
                "/models",
                "createModel",
                "Create a model",
                body: .json(.init(of: ModelCreation.self)),
                status: .created,
                answer: .json(.init(of: ModelRecord.self)),
                run: self.create
            ),
            .get(
                "/models/{model}",
                "getModel",
                "Show a model",
                answer: .json(.init(of: ModelRecord.self))
            ) { request throws(MartletError) in
                try .json(ModelRecord(try await self.services.models.model(try request.model())))
            },
            .change(
                .delete,
                "/models/{model}",
                "deleteModel",
                "Hide a model with all its versions",
                query: [.reason],
                status: .noContent
            ) { request throws(MartletError) in
                try await self.services.models.delete(try request.model(), by: try request.act())
                return .noContent
            },
            .change(
                .post,
                "/models/{model}/restore",
                "restoreModel",
                "Bring back a deleted model",
                body: .json(.init(of: ReasonMessage.self)),
                isBodyRequired: false,
                answer: .json(.init(of: ModelRecord.self))
            ) { request throws(MartletError) in
                let reason = try await request.optionalMessage(ReasonMessage.self)?.reason
                let model = try await self.services.models.restore(try request.model(), by: try request.act(reason))
                return try .json(ModelRecord(model))
            },
        ]
    }

    private var tags: [Operation] {
        [
            .change(
                .put,
                "/models/{model}/description",
                "describeModel",
                "Replace a model's description",
                body: .json(.init(of: DescriptionChange.self)),
                status: .noContent
            ) { request throws(MartletError) in
                let text = try await request.message(DescriptionChange.self).description
                _ = try await self.services.models.describe(try request.model(), as: text, by: try request.act())
                return .noContent
            },
            .change(
                .put,
                "/models/{model}/tags/{key}",
                "setModelTag",
                "Set a tag of a model",
                body: .json(.init(of: TagChange.self)),
                status: .noContent
            ) { request throws(MartletError) in
                let tag = try NativeTag(request.capture("key"), try await request.message(TagChange.self).value).tag
                try await self.services.models.setTag(tag, on: try request.model(), by: try request.act())
                return .noContent
            },
            .change(
                .delete,
                "/models/{model}/tags/{key}",
                "deleteModelTag",
                "Remove a tag of a model",
                query: [.reason],
                status: .noContent
            ) { request throws(MartletError) in
                let key = try request.capture("key")
                try await self.services.models.deleteTag(key, of: try request.model(), by: try request.act())
                return .noContent
            },
        ]
    }

    private var aliases: [Operation] {
        [
            .change(
                .put,
                "/models/{model}/aliases/{alias}",
                "setAlias",
                "Point an alias at a version",
                query: [.reason],
                body: .json(.init(of: AliasChange.self)),
                status: .noContent
            ) { request throws(MartletError) in
                let version = try await request.message(AliasChange.self).version
                try await self.services.models.setAlias(
                    try AliasName(validating: try request.capture("alias")),
                    of: try request.model(),
                    to: try VersionSelector(validating: version),
                    by: try request.act()
                )
                return .noContent
            },
            .change(
                .delete,
                "/models/{model}/aliases/{alias}",
                "deleteAlias",
                "Remove an alias",
                query: [.reason],
                status: .noContent
            ) { request throws(MartletError) in
                let alias = try AliasName(validating: try request.capture("alias"))
                try await self.services.models.deleteAlias(alias, of: try request.model(), by: try request.act())
                return .noContent
            },
        ]
    }

    @Sendable private func list(_ request: NativeRequest) async throws(MartletError) -> Response {
        let question = Fingerprint(of: ["native", "models"])
        let query = RegisteredModelQuery(limit: try request.limit(), position: try request.position(in: question))
        let page = try await self.services.models.search(query)
        return try .json(
            ModelPage(
                models: page.items.map { ModelRecord($0) },
                nextPageToken: page.next.map { PageToken(question: question, fields: $0).text }
            )
        )
    }

    @Sendable private func create(_ request: NativeRequest) async throws(MartletError) -> Response {
        let message = try await request.message(ModelCreation.self)
        let model = try await self.services.models.create(
            named: try ModelName(validating: message.name),
            description: message.description,
            tags: try NativeTag.tags(message.tags),
            by: try request.act()
        )
        return try .json(ModelRecord(model), status: .created)
    }
}

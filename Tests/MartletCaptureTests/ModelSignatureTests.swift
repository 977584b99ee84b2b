import MartletCapture
import MartletCore
import MartletJSON
import Testing

@Suite("Signatures")
struct ModelSignatureTests {
    private func inputs(_ json: String) throws -> [SignatureField]? {
        try ModelSignature(.parsed(#"{"inputs":\#(json)}"#)).inputs
    }

    @Test(
        "every kind of type is read",
        arguments: [
            (
                #"{"type":"double","name":"x","required":false}"#,
                SignatureField(name: "x", type: .scalar("double"), isRequired: false)
            ),
            (#"{"type":"string"}"#, SignatureField(name: nil, type: .scalar("string"))),
            (
                #"{"type":"string","name":"a","optional":true}"#,
                SignatureField(name: "a", type: .scalar("string"), isRequired: false)
            ),
            (
                #"{"name":"img","type":"tensor","tensor-spec":{"dtype":"float32","shape":[-1,3,4]}}"#,
                SignatureField(name: "img", type: .tensor(element: "float32", shape: [-1, 3, 4]))
            ),
            (
                #"{"type":"map","values":{"type":"array","items":{"type":"double"}},"name":"m"}"#,
                SignatureField(name: "m", type: .map(.array(.scalar("double"))))
            ),
            (#"{"type":"array","items":"string"}"#, SignatureField(name: nil, type: .array(.scalar("string")))),
            (
                #"{"type":"object","properties":{"b":{"type":"any"},"a":{"type":"long","required":false}}}"#,
                SignatureField(
                    name: nil,
                    type: .object([
                        SignatureField(name: "a", type: .scalar("long"), isRequired: false),
                        SignatureField(name: "b", type: .scalar("any")),
                    ])
                )
            ),
        ]
    )
    func types(json: String, field: SignatureField) throws {
        #expect(try self.inputs("[\(json)]") == [field])
    }

    @Test("what was read is written in one way, and read back as it was")
    func roundTrip() throws {
        let read = try #require(try MLmodelFile(parsing: .text(MLmodelText.sklearn)).signature)
        #expect(try ModelSignature(.parsed(read.json.text)) == read)
        let nested = try ModelSignature(
            .parsed(
                #"{"outputs":[{"type":"object","properties":{"é":{"type":"array","items":{"type":"tensor","#
                    + #""tensor-spec":{"dtype":"int64","shape":[]}},"required":false}},"name":"o"}],"#
                    + #""params":[{"name":"p","dtype":"long","default":{"a":[null,true,1.5,"x"]}}]}"#
            )
        )
        let text = nested.json.text
        #expect(
            text == #"{"outputs":[{"name":"o","properties":{"é":{"items":{"tensor-spec":{"dtype":"int64","shape":[]},"#
                + #""type":"tensor"},"required":false,"type":"array"}},"required":true,"type":"object"}],"#
                + #""params":[{"default":{"a":[null,true,1.5,"x"]},"name":"p","type":"long"}]}"#
        )
        #expect(try ModelSignature(.parsed(text)) == nested)
    }

    @Test("names that only look the same are two names, and are written as two")
    func similarNames() throws {
        let fields =
            "{\"type\":\"object\",\"properties\":{\"\u{E9}\":{\"type\":\"long\"},\"e\u{301}\":{\"type\":\"long\"}}}"
        let signature = try ModelSignature(.parsed(#"{"inputs":[\#(fields)]}"#))
        #expect(try ModelSignature(.parsed(signature.json.text)) == signature)
    }

    @Test(
        "what cannot be meant is refused",
        arguments: [
            (#"[]"#, "the signature is not a JSON object"),
            (#"{"inputs":[{"type":"array"}]}"#, "of a type 'array' it is not said what it holds"),
            (#"{"inputs":[{"type":"object"}]}"#, "an object has no properties"),
            (
                #"{"inputs":[{"type":"tensor","tensor-spec":{"dtype":"x","shape":[-2]}}]}"#,
                "a shape has a size that is none"
            ),
            (
                #"{"inputs":[{"type":"tensor","tensor-spec":{"dtype":"x","shape":[1.5]}}]}"#,
                "a shape has a size that is none"
            ),
            (#"{"params":[{"name":"a","type":"long","default":1e999}]}"#, "a number is too large"),
            (#"{"inputs":[{"type":"object","properties":{"a":{"type":"x"},"a":{"type":"x"}}}]}"#, "'a' is given twice"),
        ]
    )
    func refused(json: String, reason: String) throws {
        let value = try JSONValue.parsed(json)
        let message = refusal { () throws(MartletError) in _ = try ModelSignature(value) }
        #expect(message?.hasSuffix(reason) == true, "\(message ?? "accepted")")
    }
}

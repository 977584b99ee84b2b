import MartletCapture
import MartletCore
import MartletJSON
import Testing

@Suite("Changes of signatures")
struct SignatureChangeTests {
    private func signature(_ json: String) throws -> ModelSignature {
        try ModelSignature(.parsed("{\(json)}"))
    }

    private func change(_ older: String, _ newer: String) throws -> SignatureChange {
        try self.signature(newer).change(from: self.signature(older))
    }

    private static func column(_ name: String, _ type: String, _ isRequired: Bool = true) -> String {
        #"{"name":"\#(name)","type":"\#(type)","required":\#(isRequired)}"#
    }

    private static func tensor(_ dtype: String, _ shape: String) -> String {
        #"{"type":"tensor","tensor-spec":{"dtype":"\#(dtype)","shape":\#(shape)}}"#
    }

    private static func object(_ properties: String) -> String {
        #"{"name":"o","type":"object","properties":{\#(properties)}}"#
    }

    @Test(
        "inputs may grow and widen",
        arguments: [
            ("", Self.column("y", "string", false), "optional input 'y' was added"),
            (Self.column("x", "double"), Self.column("x", "double", false), "input 'x' became optional"),
            (Self.column("x", "integer"), Self.column("x", "long"), "input 'x' changed from integer to long"),
            (Self.column("x", "float"), Self.column("x", "double"), "input 'x' changed from float to double"),
            (Self.column("x", "string"), Self.column("x", "any"), "input 'x' changed from string to any"),
            (Self.column("x", "string"), "", "input 'x' was removed; what is sent for it is ignored"),
            (
                Self.tensor("float32", "[8,4]"), Self.tensor("float32", "[-1,4]"),
                "input 1 changed from tensor of float32 [8, 4] to tensor of float32 [-1, 4]"
            ),
            (
                #"{"name":"x","type":"array","items":{"type":"float"}}"#,
                #"{"name":"x","type":"array","items":{"type":"double"}}"#,
                "an element of input 'x' changed from float to double"
            ),
            (
                Self.object(""), Self.object(#""a":{"type":"long","required":false}"#),
                "optional property 'a' of input 'o' was added"
            ),
        ]
    )
    func widerInputs(older: String, newer: String, reason: String) throws {
        #expect(try self.change(#""inputs":[\#(older)]"#, #""inputs":[\#(newer)]"#) == .compatible(reasons: [reason]))
    }

    @Test(
        "inputs that ask for more or for something else break callers",
        arguments: [
            ("", Self.column("y", "string"), "required input 'y' was added"),
            (Self.column("age", "long", false), Self.column("age", "long"), "input 'age' became required"),
            (Self.column("x", "double"), Self.column("x", "string"), "input 'x' changed from double to string"),
            (Self.column("x", "double"), Self.column("x", "float"), "input 'x' changed from double to float"),
            (Self.column("x", "long"), Self.column("x", "double"), "input 'x' changed from long to double"),
            (#"{"type":"long"}"#, "", "input 1 was removed"),
            (Self.tensor("float32", "[-1,4]"), Self.tensor("float64", "[-1,4]"), nil),
            (Self.tensor("float32", "[-1,4]"), Self.tensor("float32", "[-1,4,1]"), nil),
            (Self.tensor("float32", "[-1,4]"), Self.tensor("float32", "[-1,5]"), nil),
            (Self.tensor("float32", "[-1,4]"), Self.tensor("float32", "[1,4]"), nil),
            (
                Self.tensor("float32", "[-1]"), #"{"type":"float"}"#,
                "input 1 changed from tensor of float32 [-1] to float"
            ),
            (Self.object(#""a":{"type":"long"}"#), Self.object(""), "property 'a' of input 'o' was removed"),
            (Self.object(""), Self.object(#""a":{"type":"long"}"#), "required property 'a' of input 'o' was added"),
            (
                Self.object(#""a":{"type":"long"}"#), Self.column("o", "string"),
                "input 'o' changed from object to string"
            ),
        ] as [(String, String, String?)]
    )
    func narrowerInputs(older: String, newer: String, reason: String?) throws {
        let change = try self.change(#""inputs":[\#(older)]"#, #""inputs":[\#(newer)]"#)
        guard case .incompatible(let reasons, let compatible) = change else {
            Issue.record("\(change)")
            return
        }
        #expect(reasons.count == 1)
        #expect(compatible.isEmpty)
        if let reason { #expect(reasons == [reason]) }
    }

    @Test(
        "outputs may be added and become certain, and nothing else",
        arguments: [
            ("", Self.column("p", "double"), true, "output 'p' was added"),
            (Self.column("p", "double", false), Self.column("p", "double"), true, "output 'p' became required"),
            (Self.tensor("float32", "[-1]"), Self.tensor("float32", "[4]"), true, nil),
            (Self.object(""), Self.object(#""a":{"type":"long"}"#), true, "property 'a' of output 'o' was added"),
            (Self.column("probability", "double"), "", false, "output 'probability' was removed"),
            (Self.column("p", "double"), Self.column("p", "double", false), false, "output 'p' became optional"),
            (Self.column("p", "float"), Self.column("p", "double"), false, "output 'p' changed from float to double"),
            (Self.column("p", "double"), Self.column("p", "float"), false, "output 'p' changed from double to float"),
            (Self.tensor("float32", "[4]"), Self.tensor("float32", "[-1]"), false, nil),
            (#"{"type":"long"},{"type":"long"}"#, #"{"type":"long"}"#, false, "output 2 was removed"),
            (Self.object(#""a":{"type":"long"}"#), Self.object(""), false, "property 'a' of output 'o' was removed"),
        ] as [(String, String, Bool, String?)]
    )
    func outputs(older: String, newer: String, isCompatible: Bool, reason: String?) throws {
        let change = try self.change(#""outputs":[\#(older)]"#, #""outputs":[\#(newer)]"#)
        switch change {
        case .compatible(let reasons) where isCompatible, .incompatible(let reasons, []) where !isCompatible:
            #expect(reasons.count == 1)
            if let reason { #expect(reasons == [reason]) }
        default: Issue.record("\(change)")
        }
    }

    @Test(
        "params may be added with a default, and go on to accept what they did",
        arguments: [
            ("", #"{"name":"k","type":"long","default":3}"#, true, "param 'k' was added"),
            ("", #"{"name":"k","type":"long"}"#, false, "param 'k' was added without a default"),
            (#"{"name":"k","type":"long","default":3}"#, "", false, "param 'k' was removed"),
            (
                #"{"name":"k","type":"long","default":3}"#, #"{"name":"k","type":"long","default":4}"#, true,
                "param 'k' got another default"
            ),
            (
                #"{"name":"k","type":"long","default":3}"#, #"{"name":"k","type":"long"}"#, false,
                "param 'k' lost its default"
            ),
            (
                #"{"name":"k","type":"integer"}"#, #"{"name":"k","type":"long"}"#, true,
                "param 'k' changed from integer to long"
            ),
            (
                #"{"name":"k","type":"long"}"#, #"{"name":"k","type":"string"}"#, false,
                "param 'k' changed from long to string"
            ),
            (
                #"{"name":"k","type":"long"}"#, #"{"name":"k","type":"long","shape":[-1]}"#, false,
                "param 'k' changed from one value to a list [-1]"
            ),
        ]
    )
    func params(older: String, newer: String, isCompatible: Bool, reason: String) throws {
        let change = try self.change(#""params":[\#(older)]"#, #""params":[\#(newer)]"#)
        #expect(
            change == (isCompatible ? .compatible(reasons: [reason]) : .incompatible(reasons: [reason], compatible: []))
        )
    }

    @Test("the order of columns with names means nothing; that of columns without does")
    func order() throws {
        let (a, b) = (Self.column("a", "long"), Self.column("b", "string"))
        #expect(try self.change(#""inputs":[\#(a),\#(b)]"#, #""inputs":[\#(b),\#(a)]"#) == .same)
        let change = try self.change(
            #""inputs":[{"type":"long"},{"type":"string"}]"#,
            #""inputs":[{"type":"string"},{"type":"long"}]"#
        )
        #expect(
            change
                == .incompatible(
                    reasons: ["input 1 changed from long to string", "input 2 changed from string to long"],
                    compatible: []
                )
        )
    }

    @Test("what breaks and what does not is told apart")
    func both() throws {
        let older = #""inputs":[\#(Self.column("x", "integer"))],"outputs":[\#(Self.column("p", "double"))]"#
        let newer = #""inputs":[\#(Self.column("x", "long"))],"outputs":[]"#
        #expect(
            try self.change(older, newer)
                == .incompatible(
                    reasons: ["output 'p' was removed"],
                    compatible: ["input 'x' changed from integer to long"]
                )
        )
    }

    @Test("gaining a signature is compatible, losing it is not, in whole and in part")
    func presence() throws {
        let some = try self.signature(#""inputs":[],"outputs":[]"#)
        #expect(ModelSignature.change(from: nil, to: nil) == .same)
        #expect(ModelSignature.change(from: some, to: some) == .same)
        #expect(ModelSignature.change(from: nil, to: some) == .compatible(reasons: ["a signature was added"]))
        #expect(
            ModelSignature.change(from: some, to: nil)
                == .incompatible(reasons: ["the signature was removed"], compatible: [])
        )
        #expect(
            try self.change(#""inputs":[]"#, #""inputs":[],"outputs":[]"#)
                == .compatible(reasons: ["outputs are now stated"])
        )
        #expect(
            try self.change(#""inputs":[],"outputs":[]"#, #""outputs":[]"#)
                == .incompatible(reasons: ["inputs are no longer stated"], compatible: [])
        )
    }

    @Test("however many reasons there are, one that breaks is among those that are given")
    func manyReasons() throws {
        let columns = (0..<500).map { Self.column("c\($0)", "long", false) }.joined(separator: ",")
        let change = try self.change(
            #""inputs":[],"outputs":[{"name":"p","type":"long"}]"#,
            #""inputs":[\#(columns)],"outputs":[]"#
        )
        guard case .incompatible(let reasons, let compatible) = change else {
            Issue.record("\(change)")
            return
        }
        #expect(reasons == ["output 'p' was removed"])
        #expect(compatible.count == CaptureLimits.reasons)
    }
}

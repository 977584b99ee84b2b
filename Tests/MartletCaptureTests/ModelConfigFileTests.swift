import MartletCapture
import MartletCore
import MartletJSON
import Testing

@Suite("Model configurations")
struct ModelConfigFileTests {
    @Test("what transformers writes is read")
    func transformers() throws {
        let text =
            #"{"architectures":["BertForMaskedLM"],"hidden_size":768,"model_type":"bert","num_hidden_layers":12,"#
            + #""torch_dtype":"float32","transformers_version":"4.57.1","#
            + #""vocab_size":30522,"pad_token_id":0,"id2label":{"0":"a"}}"#
        let file = try ModelConfigFile(parsing: .text(text))
        #expect(file.architectures == ["BertForMaskedLM"])
        #expect(file.modelType == "bert")
        #expect(file.dtype == "float32")
        #expect(file.transformersVersion == "4.57.1")
        #expect(file.dimensions == ["hidden_size": 768, "num_hidden_layers": 12, "vocab_size": 30_522])
        #expect(
            file.json.text == #"{"architectures":["BertForMaskedLM"],"#
                + #""dimensions":{"hidden_size":768,"num_hidden_layers":12,"vocab_size":30522},"model_type":"bert"}"#
        )
    }

    @Test("diffusers names its class in its own way")
    func diffusers() throws {
        let file = try ModelConfigFile(
            parsing: .text(#"{"_class_name":"UNet2DConditionModel","_diffusers_version":"0.35.0"}"#)
        )
        #expect(file.architectures == ["UNet2DConditionModel"])
        #expect(file.transformersVersion == "0.35.0")
    }

    @Test("odd values are no values")
    func lenient() throws {
        let file = try ModelConfigFile(
            parsing: .text(#"{"architectures":"x","model_type":1,"hidden_size":"a","vocab_size":1.5}"#)
        )
        #expect(file.architectures.isEmpty)
        #expect(file.modelType == nil)
        #expect(file.dimensions.isEmpty)
    }

    @Test(
        "what is not a JSON object is refused with a reason",
        arguments: [
            ("[]", "not a JSON object"), ("{", "not JSON: expected a member name, at byte 1"),
            (String(repeating: "[", count: 100_000), "not JSON: the text is nested too deeply, at byte 64"),
            ("{\"a\": NaN}", "not JSON: unexpected character, at byte 6"),
        ]
    )
    func refused(text: String, reason: String) {
        #expect(refusal { () throws(MartletError) in _ = try ModelConfigFile(parsing: .text(text)) } == reason)
    }
}

import MartletCapture
import MartletCore
import Testing

@Suite("Safetensors headers")
struct SafetensorsHeaderTests {
    /// A header of `json` in a file with `dataBytes` of data.
    private func header(_ json: String, dataBytes: Int64) throws(MartletError) -> SafetensorsHeader {
        try SafetensorsHeader(header: .text(json), fileSize: Int64(json.utf8.count) + 8 + dataBytes)
    }

    private func reason(_ json: String, dataBytes: Int64 = 0) -> String? {
        refusal { () throws(MartletError) in _ = try self.header(json, dataBytes: dataBytes) }
    }

    private static func tensor(_ dtype: String, _ shape: String, _ start: String, _ end: String) -> String {
        #"{"dtype":"\#(dtype)","shape":\#(shape),"data_offsets":[\#(start),\#(end)]}"#
    }

    @Test("tensors are told by name, with where they are in the file")
    func tensors() throws {
        let json =
            #"{"__metadata__":{"format":"pt"},"b":\#(Self.tensor("F32", "[2,3]", "0", "24")),"#
            + #""a":\#(Self.tensor("BF16", "[]", "24", "26")),"empty":\#(Self.tensor("I64", "[0,9]", "26", "26"))}   "#
        let header = try self.header(json, dataBytes: 26)
        #expect(header.tensors.map(\.name) == ["a", "b", "empty"])
        #expect(header.tensors.map(\.shape) == [[], [2, 3], [0, 9]])
        #expect(header.tensors.map(\.dtype) == ["BF16", "F32", "I64"])
        let start = Int64(json.utf8.count + 8)
        #expect(header.tensors.map(\.bytes) == [start + 24..<start + 26, start..<start + 24, start + 26..<start + 26])
        #expect(header.parameterCount == 7)
        #expect(header.metadata == ["format": "pt"])
    }

    @Test("types smaller than a byte fill whole bytes")
    func bits() throws {
        #expect(try self.header(#"{"a":\#(Self.tensor("F4", "[4]", "0", "2"))}"#, dataBytes: 2).parameterCount == 4)
        #expect(self.reason(#"{"a":\#(Self.tensor("F4", "[3]", "0", "1"))}"#, dataBytes: 1) != nil)
    }

    @Test(
        "a header that does not describe its file is refused",
        arguments: [
            ("[]", 0, "the header does not begin with '{'"),
            (" {}", 0, "the header does not begin with '{'"),
            ("", 0, "the header does not begin with '{'"),
            ("{", 0, "not JSON: expected a member name, at byte 1"),
            ("{}", 1, "the tensors end at byte 10, but the file has 11 bytes"),
            (#"{"a":\#(Self.tensor("F32", "[1]", "0", "4"))}"#, 5, nil),
            (#"{"a":\#(Self.tensor("F32", "[1]", "0", "4"))}"#, 3, nil),
            (
                #"{"a":\#(Self.tensor("F32", "[2]", "0", "4"))}"#, 4,
                "tensor 'a' has 4 bytes, which its shape and dtype do not"
            ),
            (#"{"a":\#(Self.tensor("X9", "[1]", "0", "4"))}"#, 4, "tensor 'a' has an unknown dtype 'X9'"),
            (#"{"a":\#(Self.tensor("F32", "[-1]", "0", "4"))}"#, 4, "tensor 'a' has a shape that is none"),
            (#"{"a":\#(Self.tensor("F32", "[1.5]", "0", "4"))}"#, 4, "tensor 'a' has a shape that is none"),
            (#"{"a":\#(Self.tensor("F32", "1", "0", "4"))}"#, 4, "tensor 'a' has no dtype, shape or data_offsets"),
            (#"{"a":\#(Self.tensor("F32", "[1]", "4", "0"))}"#, 4, "tensor 'a' has data_offsets that are none"),
            (#"{"a":\#(Self.tensor("F32", "[1]", "-4", "0"))}"#, 4, "tensor 'a' has data_offsets that are none"),
            (
                #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4,4]}}"#, 4,
                "tensor 'a' has data_offsets that are none"
            ),
            (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0]}}"#, 4, "tensor 'a' has data_offsets that are none"),
            (#"{"a":1}"#, 0, "tensor 'a' has no dtype, shape or data_offsets"),
            (
                #"{"a":\#(Self.tensor("U8", "[9223372036854775807]", "0", "9223372036854775807"))}"#, 4,
                "tensor 'a' ends beyond the file"
            ),
            (
                #"{"a":\#(Self.tensor("F32", "[4294967296,4294967296]", "0", "0"))}"#, 0,
                "tensor 'a' has more elements than can be counted"
            ),
            (
                #"{"a":\#(Self.tensor("F64", "[2305843009213693952]", "0", "0"))}"#, 0,
                "tensor 'a' has 0 bytes, which its shape and dtype do not"
            ),
            (
                #"{"a":\#(Self.tensor("U8", "[2]", "0", "2")),"b":\#(Self.tensor("U8", "[2]", "1", "3"))}"#, 3,
                "tensor 'b' does not begin where the one before it ends"
            ),
            (
                #"{"a":\#(Self.tensor("U8", "[1]", "0", "1")),"b":\#(Self.tensor("U8", "[1]", "2", "3"))}"#, 3,
                "tensor 'b' does not begin where the one before it ends"
            ),
            (
                #"{"a":\#(Self.tensor("U8", "[1]", "0", "1")),"\u0061":\#(Self.tensor("U8", "[1]", "1", "2"))}"#, 2,
                "tensor 'a' is given twice"
            ),
            (#"{"__metadata__":[]}"#, 0, "'__metadata__' is not an object"),
            (#"{"__metadata__":{"a":1}}"#, 0, "'__metadata__' holds something else than texts"),
            (#"{"__metadata__":{},"__metadata__":{}}"#, 0, "'__metadata__' is given twice"),
        ] as [(String, Int64, String?)]
    )
    func refused(json: String, dataBytes: Int64, reason: String?) {
        let given = self.reason(json, dataBytes: dataBytes)
        #expect(given != nil)
        if let reason { #expect(given == reason) }
    }

    @Test("the length of a header is believed only as far as the file goes")
    func length() {
        func length(_ bytes: [UInt8], fileSize: Int64) -> String? {
            refusal { () throws(MartletError) in
                _ = try SafetensorsHeader.headerLength(firstBytes: bytes, fileSize: fileSize)
            }
        }
        let nineGB = [UInt8]([0x00, 0x1A, 0x71, 0x18, 0x02, 0, 0, 0])
        #expect(
            length(nineGB, fileSize: 200) == "the header says it is 9000000000 bytes long, but the file has 200 bytes"
        )
        #expect(
            length(nineGB, fileSize: 20_000_000_000)
                == "the header is 9000000000 bytes long, more than the 16777216 that are read"
        )
        let most = [UInt8](repeating: 0xFF, count: 8)
        #expect(
            length(most, fileSize: .max)
                == "the header says it is 18446744073709551615 bytes long, but the file has 9223372036854775807 bytes"
        )
        #expect(length([2, 0, 0], fileSize: 3)?.hasPrefix("the file has less than the 8 bytes") == true)
        #expect(length([0, 0, 0, 0, 0, 0, 0, 0], fileSize: 7)?.hasPrefix("the file has less than the 8 bytes") == true)
        #expect(length([1, 0, 0, 0, 0, 0, 0, 0], fileSize: 8) != nil)
    }

    @Test("the length of a header is little-endian")
    func littleEndian() throws {
        #expect(try SafetensorsHeader.headerLength(firstBytes: [0, 1, 0, 0, 0, 0, 0, 0, 0x7B], fileSize: 264) == 256)
    }

    @Test("a header that is longer than its file is refused", arguments: [0, 1, 9, -1] as [Int64])
    func longerThanFile(fileSize: Int64) {
        let reason = refusal { () throws(MartletError) in
            _ = try SafetensorsHeader(header: .text("{}"), fileSize: fileSize)
        }
        #expect(reason == "the header is longer than the file")
    }

    @Test("deep, wide and repetitive headers end in a refusal, and soon")
    func hostile() {
        let deep = #"{"a":"# + String(repeating: "[", count: 1_000_000)
        let wide =
            "{"
            + (0...CaptureLimits.tensors).map { #""\#($0)":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}"# }.joined(
                separator: ","
            ) + "}"
        let shape = #"{"a":\#(Self.tensor("U8", "[\(String(repeating: "1,", count: 1_000))1]", "0", "1"))}"#
        for (json, reason) in [(deep, "nested"), (wide, "more than 200000 tensors"), (shape, "a shape that is none")] {
            let (given, time) = onSmallStack { self.reason(json, dataBytes: 1) }
            #expect(given??.contains(reason) == true)
            #expect(time < .seconds(20))
        }
    }

    @Test("random bytes after a brace are never a header that crashes")
    func random() {
        var random = Random(state: 7)
        let pieces = [
            #""a":"#, #"{"dtype":"U8","shape":["#, "1", "]", #","data_offsets":["#, "0,1", "}", ",",
            #""__metadata__":{"#, "9999999999999999999", "-",
        ]
        for _ in 0..<5_000 {
            let json = "{" + (0..<12).map { _ in pieces[Int(random.next() % UInt64(pieces.count))] }.joined()
            _ = self.reason(json, dataBytes: 1)
        }
    }
}

import MartletS3
import Testing

@Suite("XML as object stores answer it")
struct XMLElementTests {
    @Test("elements, texts, references and attributes are read")
    func reading() throws {
        let text = """
            <?xml version="1.0" encoding="UTF-8"?>
            <!-- a remark -->
            <s3:List xmlns:s3="http://s3.amazonaws.com/doc/">
              <Key>a&amp;b &lt;&#233;&#x4e2d;&gt;</Key><Empty/><Empty />
              <Key a="1">ö</Key>
            </s3:List>
            """
        let root = try #require(XMLElement(parsing: Array(text.utf8)))
        #expect(root.name == "List")
        #expect(root.children("Key").map(\.text) == ["a&b <é中>", "ö"])
        #expect(root.children("Empty").count == 2)
        #expect(root.text(of: "Other") == nil)
    }

    @Test(
        "everything else is refused, and nothing is read beyond its end",
        arguments: [
            "", "<", "<a", "<a>", "<a></b>", "<a><b></a></b>", "<a/><b/>", "text", "<a>&nbsp;</a>", "<a>&lt</a>",
            "<a>&#xD800;</a>", "<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>", "<a><![CDATA[b]]></a>", "<a><!-- </a>",
            "<?xml", "</a>", "<>", "< a/>", "<a>" + String(repeating: "<a>", count: 100_000),
        ]
    )
    func refusals(text: String) {
        #expect(XMLElement(parsing: Array(text.utf8)) == nil)
    }

    @Test("bytes that are no text are refused")
    func noText() {
        #expect(XMLElement(parsing: Array("<a>".utf8) + [0xFF] + Array("</a>".utf8)) == nil)
    }
}

"""The checks see what they are there to see. Run by `make check`."""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from check_imports import Layers, import_findings, manifest_findings
from check_tidy import check_file
from count_tests import Case, Count, count, read_report
from swift_source import code_only, imports

LAYERS = Layers(
    {
        "MartletCore": "Core",
        "MartletStatistics": "Core",
        "MartletSQL": "Drivers",
        "MartletSQLite": "Drivers",
        "MartletSearch": "Domain",
        "MartletTracking": "Domain",
        "MartletRegistry": "Domain",
        "MartletHTTP": "FrontEnds",
        "MLflowFrontEnd": "FrontEnds",
        "OperationsFrontEnd": "FrontEnds",
        "MartletServer": "App",
        "MartletTestSupport": "Testing",
        "MartletElsewhere": "Attic",
    }
)


class ArrowTests(unittest.TestCase):
    def test_what_the_layers_allow(self):
        allowed = [
            ("MartletStatistics", "Glibc"),
            ("MartletSQL", "MartletCore"),
            ("MartletSQLite", "MartletSQL"),
            ("MartletSQLite", "GRDB"),
            ("MartletTracking", "MartletSQL"),
            ("MartletTracking", "MartletSearch"),
            ("MartletRegistry", "MartletTracking"),
            ("MLflowFrontEnd", "MartletTracking"),
            ("MLflowFrontEnd", "MartletHTTP"),
            ("MLflowFrontEnd", "Hummingbird"),
            ("MartletServer", "MartletSQLite"),
            ("MartletTestSupport", "MartletSQLite"),
        ]
        for importer, imported in allowed:
            with self.subTest(importer=importer, imported=imported):
                self.assertIsNone(LAYERS.refusal(importer, imported))

    def test_what_the_layers_forbid(self):
        forbidden = [
            ("MartletCore", "Foundation"),
            ("MartletCore", "Glibc"),
            ("MartletStatistics", "Foundation"),
            ("MartletCore", "MartletSQL"),
            ("MartletSQL", "MartletSQLite"),
            ("MartletSQL", "GRDB"),
            ("MartletSQLite", "MartletTracking"),
            ("MartletTracking", "MartletSQLite"),
            ("MartletTracking", "MartletRegistry"),
            ("MartletTracking", "Hummingbird"),
            ("MartletTracking", "MLflowFrontEnd"),
            ("MLflowFrontEnd", "MartletSQL"),
            ("MLflowFrontEnd", "OperationsFrontEnd"),
            ("MLflowFrontEnd", "MartletServer"),
            ("MartletHTTP", "MartletTracking"),
            ("MartletServer", "GRDB"),
            ("MartletServer", "MartletTestSupport"),
            ("MartletElsewhere", "MartletCore"),
        ]
        for importer, imported in forbidden:
            with self.subTest(importer=importer, imported=imported):
                self.assertIsNotNone(LAYERS.refusal(importer, imported))

    def test_a_forbidden_import_in_a_source_file_is_refused(self):
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run(["git", "init", "--quiet", folder], check=True)
            source = Path(folder, "Sources/Domain/MartletTracking/Runs/Run.swift")
            source.parent.mkdir(parents=True)
            source.write_text("import MartletCore\npackage import MartletSQLite\n")
            Path(folder, "Sources/Core/MartletCore").mkdir(parents=True)
            Path(folder, "Sources/Drivers/MartletSQLite").mkdir(parents=True)
            layers = Layers.of_sources(Path(folder, "Sources"))
            self.assertEqual(
                import_findings(Path(folder), layers),
                [
                    "Sources/Domain/MartletTracking/Runs/Run.swift:2: "
                    "Domain/MartletTracking must not import Drivers/MartletSQLite"
                ],
            )

    def test_a_forbidden_dependency_in_the_manifest_is_refused(self):
        dependencies = [
            {"byName": ["MartletCore", None]},
            {"product": ["GRDB", "GRDB.swift", None, None]},
            {"target": ["MartletServer", None]},
        ]
        manifest = {"targets": [{"name": "MLflowFrontEnd", "dependencies": dependencies}]}
        self.assertEqual(
            manifest_findings(manifest, LAYERS),
            [
                "Package.swift: only MartletSQLite may import GRDB",
                "Package.swift: FrontEnds/MLflowFrontEnd must not import App/MartletServer",
            ],
        )


class SwiftTextTests(unittest.TestCase):
    def test_every_spelling_of_an_import_is_found(self):
        text = "import A\npackage import B\n@preconcurrency import C\nimport struct D.Thing\n// import E\n"
        self.assertEqual(imports(text), [(1, "A"), (2, "B"), (3, "C"), (4, "D")])

    def test_comments_and_strings_become_blanks_of_the_same_length(self):
        text = 'let a = "x // { \\" y" // c\nlet b = """\n    import X {\n    """\n/* { */ let c = #"\\"#\n'
        code = code_only(text)
        self.assertEqual(len(code), len(text))
        self.assertEqual(code.split(), ["let", "a", "=", "let", "b", "=", "let", "c", "="])


class TidyTests(unittest.TestCase):
    def findings(self, path, text):
        return [f"{line}: {message}" for line, message in check_file(Path(path), text)]

    def assert_found(self, path, text, words):
        found = self.findings(path, text)
        self.assertEqual(len(found), 1, found)
        self.assertIn(words, found[0])

    def test_ordinary_code_is_left_alone(self):
        text = (
            "/// A run! It is not `done!` yet.\n"
            "struct DatabaseQueue {\n"
            '    func name() -> String { if a != b, !c { "fatal!" } else { ".print(" } }\n'
            "}\n"
        )
        self.assertEqual(self.findings("Sources/Domain/MartletTracking/DatabaseQueue.swift", text), [])

    def test_crashes_are_found(self):
        for expression in ["a!", "a!.b", "f(x)![0]", "tr" + "y! f()", "a as" + "! B", 'fatal' + 'Error("x")']:
            with self.subTest(expression):
                self.assert_found("Sources/App/A/B.swift", f"let c = {expression}\n", "crashes")

    def test_a_function_of_61_lines_is_found_and_one_of_60_is_not(self):
        def function(lines):
            return "protocol P {\n    func f()\n}\nfunc g(\n    a: Int\n) {\n" + "    h()\n" * (lines - 4) + "}\n"

        self.assertEqual(self.findings("Sources/App/A/B.swift", function(60)), [])
        self.assert_found("Sources/App/A/B.swift", function(61), "'g' has 61 lines")

    def test_a_file_of_501_lines_is_found(self):
        self.assert_found("Sources/App/A/B.swift", "let a = 1\n" * 501, "501 lines")

    def test_vague_names_are_found(self):
        self.assert_found("Sources/App/A/B.swift", "final class RunManager {}\n", "'RunManager'")
        self.assert_found("Sources/App/A/StringUtils.swift", "\n", "'StringUtils'")
        self.assertEqual(self.findings("Sources/App/A/Base64.swift", "enum Base64 {}\n"), [])

    def test_unchecked_sendable_needs_its_place_and_its_reason(self):
        declaration = "final class A: @unchecked Sendable {}\n"
        reason = "/// `@unchecked Sendable`: used by one thread only.\n"
        self.assertEqual(self.findings("Sources/Drivers/M/A.swift", reason + declaration), [])
        self.assert_found("Sources/Drivers/M/A.swift", declaration, "say in the comment above")
        self.assert_found("Sources/Domain/M/A.swift", reason + declaration, "only Drivers")

    def test_promises_need_an_issue(self):
        word = "TO" + "DO"
        self.assertEqual(self.findings("Sources/App/A/B.swift", f"// {word}(#12): finish\n"), [])
        self.assert_found("Sources/App/A/B.swift", f"// {word}: finish\n", "promise")

    def test_only_the_app_prints(self):
        self.assertEqual(self.findings("Sources/App/A/B.swift", "print(1)\n"), [])
        self.assert_found("Sources/Domain/A/B.swift", "print(1)\n", "only App prints")

    def test_paths_of_one_machine_are_found_in_every_kind_of_file(self):
        self.assert_found("README.md", "see /" + "work/main/x\n", "one machine")
        self.assertEqual(self.findings("README.md", "see https://example.org/" + "work/x and ./work/y\n"), [])


class CountTests(unittest.TestCase):
    def read(self, **reports: str) -> list[Case]:
        with tempfile.TemporaryDirectory() as folder:
            for name, text in reports.items():
                Path(folder, f"{name}.xml").write_text(text)
            return [case for name in [*reports, "missing"] for case in read_report(Path(folder, f"{name}.xml"))]

    def test_the_reports_of_all_runners_are_added_up(self):
        failing = "<testcase><failure/><failure/></testcase>"
        others = "<testcase/><testcase><error/></testcase><testcase><skipped/></testcase>"
        cases = self.read(
            swift=f"<testsuites><testsuite failures='2'><testcase/>{failing}</testsuite></testsuites>",
            pytest=f"<testsuites><testsuite>{others}</testsuite></testsuites>",
        )
        self.assertEqual(count(cases), Count(passed=2, failed=3, skipped=1))

    def test_a_runner_without_a_readable_report_or_without_a_test_has_failed(self):
        cases = self.read(empty="<testsuites/>", broken="<testsuite")
        self.assertEqual(count(cases), Count(passed=0, failed=3, skipped=0))

    def test_what_failed_is_named_with_what_it_said(self):
        swift = "<testcase classname='Suite' name='name()'><failure message='1 is not 2'/></testcase>"
        told = "<failure message='short'>E  3 is not 4</failure>"
        pytest = f"<testcase classname='test_x' name='test_y'>{told}</testcase>"
        cases = self.read(swift=f"<testsuite>{swift}</testsuite>", pytest=f"<testsuite>{pytest}</testsuite>")
        stories = "\n".join(case.story for case in cases)
        self.assertIn("FAILED swift Suite name()\n    1 is not 2\n", stories)
        self.assertIn("FAILED pytest test_x test_y\n    E  3 is not 4\n", stories)
        self.assertIn("FAILED missing no report", stories.replace("\n   ", ""))


if __name__ == "__main__":
    unittest.main()

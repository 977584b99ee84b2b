"""The check of the support tables sees a route without a row, a row without a route and a proof that is none."""

import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from check_support_table import check

ROUTES = """
struct RunRoutes {
    func register(on routes: MLflowRoutes) {
        // .on(.get, "commented/out", needs: .readTracking, use: self.nothing)
        routes
            .on(.post, "runs/create", needs: .writeTracking, use: self.create)
            .on(
                .get,
                "models/:model_id/files/**",
                needs: .readArtifacts,
                use: self.get
            )
    }
}
"""
HEADER = "| method | path | what | {} | proof in `{}` |\n|---|---|---|---|---|\n"
RUNS = HEADER.format("tracking", "test_runs.py")
FILES = HEADER.format("artifacts", "test_files.py")
CREATE = "| POST | `runs/create` | starts one | write | `test_a_run_starts` |\n"
GET = "| GET | `/models/{model_id}/files/{path}` | bytes | read | `test_runs.py::test_a_run_starts`, `test_a_file` |\n"
PAGE = f"# MLflow\n\n{RUNS}{CREATE}\n{FILES}{GET}\n| limit | value |\n|---|---|\n| runs | 5 |\n"


class SupportTableTests(unittest.TestCase):
    def findings(self, page=PAGE, routes=ROUTES, module="MLflowFrontEnd"):
        with tempfile.TemporaryDirectory() as folder:
            files = {
                f"Sources/FrontEnds/{module}/Routes/RunRoutes.swift": routes,
                "docs/protocols/mlflow.md": page,
                "Conformance/mlflow/test_runs.py": "def test_a_run_starts(client):\n    pass\n",
                "Conformance/mlflow/test_files.py": "def test_a_file(client):\n    pass\n",
            }
            for name, text in files.items():
                path = Path(folder, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
            return check(Path(folder))

    def assert_found(self, words, **changes):
        found = self.findings(**changes)
        self.assertEqual(len(found), 1, found)
        self.assertIn(words, found[0])

    def test_a_page_that_lists_every_route_is_left_alone(self):
        self.assertEqual(self.findings(), [])

    def test_a_route_without_a_row_is_found(self):
        self.assert_found("RunRoutes.swift:6: 'POST runs/create' is missing", page=PAGE.replace(CREATE, ""))

    def test_a_row_without_a_route_is_found(self):
        gone = CREATE.replace("create", "destroy")
        self.assert_found("no front end registers 'POST runs/destroy'", page=PAGE.replace(CREATE, CREATE + gone))

    def test_a_method_is_part_of_a_route(self):
        found = self.findings(page=PAGE.replace("| POST |", "| PUT |"))
        self.assertEqual(len(found), 2, found)

    def test_a_row_that_stands_twice_is_found(self):
        self.assert_found("'POST runs/create' is listed twice", page=PAGE.replace(CREATE, CREATE * 2))

    def test_another_permission_is_found(self):
        self.assert_found("needs writeTracking, not readTracking", page=PAGE.replace("| write |", "| read |"))

    def test_a_test_that_does_not_exist_is_found(self):
        wrong = CREATE.replace("test_a_run_starts", "test_nothing")
        self.assert_found("no test_nothing in mlflow/test_runs.py", page=PAGE.replace(CREATE, wrong))
        gone = PAGE.replace("test_files.py", "test_gone.py")
        self.assert_found("no test_a_file in mlflow/test_gone.py", page=gone)

    def test_a_row_without_a_test_is_found(self):
        found = self.findings(page=PAGE.replace("`test_a_run_starts` |", "some day |"))
        self.assertIn("docs/protocols/mlflow.md:5: this row does not name", found[0])

    def test_a_header_that_says_too_little_is_found(self):
        found = self.findings(page=PAGE.replace("proof in `test_runs.py`", "proof"))
        self.assertIn("docs/protocols/mlflow.md:3: a table of routes has the header", found[0])

    def test_a_missing_page_lists_nothing(self):
        self.assertEqual(len(self.findings(page="")), 2)

    def test_a_front_end_needs_a_page(self):
        found = self.findings(module="OtherFrontEnd", page="")
        self.assertEqual(len(found), 1, found)
        self.assertIn("give OtherFrontEnd a page", found[0])

    def test_a_route_whose_path_is_computed_is_found(self):
        self.assert_found("as literals", routes=ROUTES + "routes.on(.get, path, needs: .readTracking)\n")


if __name__ == "__main__":
    unittest.main()

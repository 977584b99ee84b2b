"""Names of artifacts that must be refused, however they are spelt."""

import urllib.parse

import pytest

from bad_input import BAD

BAD_PATHS = [
    "../x",
    "a/../b",
    "a/..",
    "..",
    "%2e%2e/x",
    "a/%2e%2e/b",
    "..%2fx",
    "%2e%2e%2fx",
    "%252e%252e/x",
    "%252e%252e%252fx",
    "%25252e%25252e/x",
    "/etc/passwd",
    "%2fetc/passwd",
    "%252fetc/passwd",
    "C:/x",
    "C:%5cx",
    "c%3a%5cx",
    "file:///etc/passwd",
]

# mlflow server takes these; Martlet does not.
WORSE_PATHS = [
    ".",
    "./x",
    "a/./b",
    "a%5cb",
    "..%5cx",
    "a%5c..%5cb",
    "%255c..%255cx",
    "a%00b",
    "a%2500b",
    "a%0ab",
    "a%0d%0ab",
    "a%7fb",
    "x" * 5000,
    "a/" * 3000 + "b",
    "%ff%fe",
]

bad_paths = pytest.mark.parametrize(
    "path",
    [*BAD_PATHS, *(pytest.param(path, marks=pytest.mark.martlet_only) for path in WORSE_PATHS)],
    ids=lambda path: path[:20],
)


@bad_paths
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_a_bad_artifact_path_is_refused(server, names, path, method):
    if (
        method == "DELETE"
        and path.lower().removeprefix("%2f").startswith(("/", "etc"))
        and not server.is_martlet
    ):
        pytest.skip("mlflow server redirects this one")
    data = b"evil" if method == "PUT" else None
    headers = {"Content-Type": "application/octet-stream"} if data else {}
    target = "/api/2.0/mlflow-artifacts/artifacts/" + path
    reply = server.request(method, target, raw=data, headers=headers)
    assert reply.status == 400
    assert reply.error_code == BAD
    if path in BAD_PATHS:
        assert reply.message == "Invalid path"


@bad_paths
def test_a_bad_path_in_a_query_is_refused(server, names, path):
    query = urllib.parse.unquote(path, errors="surrogateescape").encode("utf-8", "surrogateescape")
    for reply in (
        server.get("artifacts/list", run_id=names["run"], path=query),
        server.get("/get-artifact", run_id=names["run"], path=query),
        server.get("/api/2.0/mlflow-artifacts/artifacts", path=query),
    ):
        assert reply.status == 400
        assert reply.error_code == BAD


@pytest.mark.martlet_only
def test_a_file_cannot_become_a_folder_nor_a_folder_a_file(server, names):
    root = f"{names['experiment']}/{names['run']}/artifacts"
    server.put_artifact(f"{root}/file", b"x").expect()
    server.put_artifact(f"{root}/folder/x", b"x").expect()
    for path in ("file/below", "folder"):
        reply = server.put_artifact(f"{root}/{path}", b"y").expect(400)
        assert reply.error_code == BAD
    assert server.get_artifact(f"{root}/file").expect().body == b"x"
    assert server.get_artifact(f"{root}/folder/x").expect().body == b"x"


def test_an_artifact_needs_a_name(server):
    for path in ("folder/", ""):
        reply = server.request("PUT", "/api/2.0/mlflow-artifacts/artifacts/" + path, raw=b"x")
        assert reply.status == 400

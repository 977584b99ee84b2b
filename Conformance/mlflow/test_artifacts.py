"""Artifacts of runs, through the client: upload, list, download, delete."""

import json
import os

import mlflow
import pytest
from matplotlib.figure import Figure
from mlflow.exceptions import MlflowException
from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

from client_calls import download, listing, write


@pytest.fixture
def active_run(experiment):
    """The id of the fluent API's active run."""
    with mlflow.start_run() as active:
        yield active.info.run_id


def test_a_file_comes_back_as_it_was(client, run, tmp_path):
    data = os.urandom(300_000)
    client.log_artifact(run, str(write(tmp_path, "data.bin", data)))
    assert listing(client, run) == {"data.bin": 300_000}
    copy = download(run, "data.bin", tmp_path / "copy")
    assert open(copy, "rb").read() == data


def test_a_file_can_be_put_into_a_folder(client, run, tmp_path):
    client.log_artifact(run, str(write(tmp_path, "a.txt", b"abc")), "deep/er")
    assert listing(client, run) == {"deep": None}
    assert listing(client, run, "deep") == {"deep/er": None}
    assert listing(client, run, "deep/er") == {"deep/er/a.txt": 3}


def test_a_tree_is_uploaded_listed_and_downloaded(client, run, tmp_path):
    files = {"one.txt": b"1", "sub/two.txt": b"22", "sub/sub/three.txt": b"333", "other/four.txt": b"4444"}
    for name, data in files.items():
        write(tmp_path / "tree", name, data)
    client.log_artifacts(run, str(tmp_path / "tree"), "all")
    assert listing(client, run, "all") == {"all/one.txt": 1, "all/other": None, "all/sub": None}
    assert listing(client, run, "all/sub") == {"all/sub/sub": None, "all/sub/two.txt": 2}
    copy = tmp_path / "copy"
    download(run, "all", copy)
    found = {str(p.relative_to(copy / "all")): p.read_bytes() for p in copy.rglob("*") if p.is_file()}
    assert found == files


def test_the_fluent_helpers_store_text_json_and_more(client, active_run, tmp_path):
    mlflow.log_text("Gr\u00fc\u00dfe\n", "notes/hello.txt")
    mlflow.log_dict({"a": [1, 2]}, "config.json")
    mlflow.log_dict({"a": [1, 2]}, "config.yaml")
    mlflow.log_artifact(str(write(tmp_path, "file.bin", b"\0\1\2")), "bin")
    uri = client.get_run(active_run).info.artifact_uri
    assert mlflow.artifacts.load_text(f"{uri}/notes/hello.txt") == "Gr\u00fc\u00dfe\n"
    assert mlflow.artifacts.load_dict(f"{uri}/config.json") == {"a": [1, 2]}
    assert json.loads(mlflow.artifacts.load_text(f"runs:/{active_run}/config.json")) == {"a": [1, 2]}
    assert {f.path for f in mlflow.artifacts.list_artifacts(run_id=active_run)} == {
        "bin", "config.json", "config.yaml", "notes",
    }  # fmt: skip


def test_a_table_grows_with_each_call(active_run):
    for number in range(2):
        mlflow.log_table({"n": [number], "text": [f"row {number}"]}, "table.json")
    table = mlflow.load_table("table.json", run_ids=[active_run])
    assert sorted(table["n"]) == [0, 1]


def test_a_figure_is_stored_as_a_picture(client, active_run, tmp_path):
    figure = Figure()
    figure.subplots().plot([1, 2, 3])
    mlflow.log_figure(figure, "plots/figure.png")
    copy = download(active_run, "plots/figure.png", tmp_path)
    assert open(copy, "rb").read().startswith(b"\x89PNG")


def test_an_upload_replaces_what_was_there(client, run, tmp_path):
    for data in (b"first and longer", b"second"):
        client.log_artifact(run, str(write(tmp_path, "same.txt", data)))
    assert listing(client, run) == {"same.txt": 6}
    assert open(download(run, "same.txt", tmp_path / "copy"), "rb").read() == b"second"


def test_an_empty_file_is_a_file(client, run, tmp_path):
    client.log_artifact(run, str(write(tmp_path, "empty.txt", b"")))
    assert listing(client, run) == {"empty.txt": 0}
    assert open(download(run, "empty.txt", tmp_path / "copy"), "rb").read() == b""


NAMES = [
    "with space.txt",
    "\u00fcn\u00efc\u00f6d\u00e9 \u65e5\u672c\u8a9e \U0001f600.txt",
    "e\u0301 decomposed.txt",
    "50%.txt",
    "plus+and&equal=.txt",
    "semi;comma,colon:.txt",
    "quote'\"`.txt",
    "(round)[square]{curly}.txt",
    "tilde~at@bang!star*.txt",
    ".hidden",
    "..two-dots",
    "trailing.",
    "-dash",
    "x" * 200,
]


@pytest.mark.parametrize("name", NAMES, ids=lambda name: ascii(name)[:20])
def test_unusual_names_are_kept(server, client, run, root, tmp_path, name):
    client.log_artifact(run, str(write(tmp_path, name, name.encode())), "folder")
    assert listing(client, run, "folder") == {f"folder/{name}": len(name.encode())}
    copy = download(run, f"folder/{name}", tmp_path / "copy")
    assert open(copy, "rb").read() == name.encode()
    assert server.get_artifact(f"{root}/folder/{name}").expect().body == name.encode()


@pytest.mark.parametrize("name", ["question?.txt", "p%q.txt", "a&b=c.txt", "folder ?/x y.txt"])
def test_escaped_names_are_kept(server, run, root, name):
    # Names that the client itself sends unescaped, so that they arrive as something else.
    server.put_artifact(f"{root}/{name}", b"data").expect()
    assert server.get_artifact(f"{root}/{name}").expect().body == b"data"
    assert server.get("/get-artifact", run_id=run, path=name).expect().body == b"data"
    files = server.get("artifacts/list", run_id=run).expect().json["files"]
    assert [file["path"] for file in files] == [name.partition("/")[0]]


@pytest.mark.parametrize("name", ["\u00fcnic\u00f6de folder", "with space", "50%", "a+b"])
def test_unusual_folders_are_kept(client, run, tmp_path, name):
    client.log_artifact(run, str(write(tmp_path, "x.txt", b"x")), f"{name}/{name}")
    assert listing(client, run, f"{name}/{name}") == {f"{name}/{name}/x.txt": 1}
    assert open(download(run, f"{name}/{name}/x.txt", tmp_path / "copy"), "rb").read() == b"x"


def test_two_files_with_the_same_bytes_are_two_files(client, run, tmp_path):
    for name in ("a.bin", "b.bin"):
        client.log_artifact(run, str(write(tmp_path, name, b"shared" * 1000)))
    get_artifact_repository(client.get_run(run).info.artifact_uri).delete_artifacts("a.bin")
    assert listing(client, run) == {"b.bin": 6000}
    assert open(download(run, "b.bin", tmp_path / "copy"), "rb").read() == b"shared" * 1000


def test_files_and_folders_are_deleted(client, run, tmp_path):
    for name in ("keep.txt", "drop.txt", "folder/a.txt", "folder/sub/b.txt", "folder2/c.txt"):
        folder, _, file = name.rpartition("/")
        client.log_artifact(run, str(write(tmp_path, file, b"x")), folder or None)
    repository = get_artifact_repository(client.get_run(run).info.artifact_uri)
    repository.delete_artifacts("drop.txt")
    repository.delete_artifacts("folder")
    repository.delete_artifacts("never there")
    assert listing(client, run) == {"folder2": None, "keep.txt": 1}


def test_artifacts_of_runs_are_separate(client, experiment, run, tmp_path):
    other = client.create_run(experiment).info.run_id
    client.log_artifact(run, str(write(tmp_path, "mine.txt", b"x")))
    assert listing(client, other) == {}


def test_a_missing_artifact_cannot_be_downloaded(client, run, tmp_path):
    with pytest.raises((MlflowException, OSError)):
        download(run, "nope.txt", tmp_path)


def test_a_thousand_files_are_listed(server, client, run, root):
    connection = server.connection()
    for number in range(1000):
        connection.request("PUT", f"/api/2.0/mlflow-artifacts/artifacts/{root}/many/{number:04}.txt", b"x")
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 200
    connection.close()
    assert listing(client, run, "many") == {f"many/{number:04}.txt": 1 for number in range(1000)}

"""The capture report: what is known of a version, what is missing, and what could not be read."""

import json
import os
import pickle
import struct
import threading

import numpy
import pytest
from safetensors.numpy import save

from registry import Registry
from training import trained

ITEMS = {
    "weights", "signature", "dataset", "code", "environment", "metric",
    "hyperparameters", "tokenizer", "run", "seal",
}  # fmt: skip
MEBIBYTE = 1 << 20


def report(registry, model, number=1):
    return registry.get(f"/models/{model}/versions/{number}/capture")


def problems(registry, model, number=1):
    return {problem["path"]: problem["reason"] for problem in report(registry, model, number)["problems"]}


# What was captured


def test_a_well_logged_model_lacks_nothing_that_production_wants(registry, client, experiment, model):
    done = trained(model)
    items = {item["name"]: item for item in report(registry, model)["items"]}
    assert set(items) == ITEMS
    assert {name for name, item in items.items() if not item["isCaptured"]} == {"tokenizer"}
    assert "iris" in items["dataset"]["found"]
    assert done.dataset in items["dataset"]["found"]
    assert done.run in items["run"]["found"]
    assert all("remedy" not in item for item in items.values() if item["isCaptured"])
    assert report(registry, model)["problems"] == []


REMEDIES = {
    "weights": "log_model", "signature": "infer_signature", "dataset": "mlflow.log_input", "code": "git",
    "environment": "pip_requirements", "metric": "mlflow.log_metric", "hyperparameters": "mlflow.log_params",
    "tokenizer": "tokenizer", "run": "register_model", "seal": "this server",
}  # fmt: skip


def test_what_is_missing_comes_with_the_line_that_captures_it(registry, client, model):
    client.create_model_version(model, "s3://b/1")
    items = report(registry, model)["items"]
    assert {item["name"] for item in items} == ITEMS
    for item in items:
        assert not item["isCaptured"]
        assert REMEDIES[item["name"]].lower() in item["remedy"].lower()


def test_what_the_client_says_natively_is_captured(registry, model):
    registry.register(
        model,
        {"tokenizer.json": b"{}", "model.safetensors": save({"a": numpy.ones(2)})},
        hyperparameters={"lr": "0.1"},
        datasets=[{"name": "train", "digest": "d"}],
        code={"commit": "abc"},
        metrics=[{"name": "f1", "value": 1}],
    )
    captured = {item["name"] for item in report(registry, model)["items"] if item["isCaptured"]}
    assert captured == {"weights", "tokenizer", "hyperparameters", "dataset", "code", "metric", "seal"}


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("requirements.txt", b"numpy==2.0.0\n"),
        ("conda.yaml", b"dependencies: [python=3.12.1, pip: [numpy==2.0.0]]\n"),
        ("python_env.yaml", b"python: 3.12.1\ndependencies: [numpy==2.0.0]\n"),
    ],
)
def test_the_environment_is_read_from_whatever_file_says_it(registry, model, path, text):
    registry.register(model, {"MLmodel": b"flavors: {}\n", path: text})
    environment = registry.manifest(model, 1)["environment"]
    assert "numpy==2.0.0" in environment["packages"] or path == "python_env.yaml"
    assert environment.get("python") == (None if path == "requirements.txt" else "3.12.1")


def test_the_facts_of_a_safetensors_file_are_counted(registry, model):
    registry.register(model, {"model.safetensors": save({"a": numpy.ones((3, 4)), "b": numpy.ones(5)})})
    architecture = registry.manifest(model, 1)["architecture"]
    assert (architecture["tensorCount"], architecture["parameterCount"]) == (2, 17)


# What lies


def safetensors(header, data=b"", length=None):
    header = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(header) if length is None else length) + header + data


def tensor(start, end, shape=(1,), dtype="F32"):
    return {"dtype": dtype, "shape": list(shape), "data_offsets": [start, end]}


LYING_TENSORS = {
    "empty": b"",
    "shorter than its length": b"\x01\x02",
    "a gigabyte of header that is not there": safetensors(b"{}", length=1 << 30),
    "the largest length there is": safetensors(b"{}", length=(1 << 64) - 1),
    "no JSON": safetensors(b"{" * 100),
    "no object": safetensors(b"[1]"),
    "deep nesting": safetensors(b'{"a":' + b"[" * 500_000 + b"]" * 500_000 + b"}"),
    "offsets beyond the file": safetensors({"a": tensor(0, 4)}),
    "offsets that run backwards": safetensors({"a": tensor(4, 0)}, b"1234"),
    "negative offsets": safetensors({"a": tensor(-4, 0)}, b"1234"),
    "offsets that overflow": safetensors({"a": tensor((1 << 63) - 1, (1 << 63) - 1)}, b"1234"),
    "offsets of no number": safetensors({"a": {**tensor(0, 4), "data_offsets": ["0", 4.5]}}, b"1234"),
    "a hole": safetensors({"a": tensor(4, 8)}, b"12345678"),
    "overlapping tensors": safetensors({"a": tensor(0, 4), "b": tensor(0, 4)}, b"1234"),
    "a shape that is too large": safetensors({"a": tensor(0, 4, [1 << 40, 1 << 40])}, b"1234"),
    "a shape of another size": safetensors({"a": tensor(0, 4, [7])}, b"1234"),
    "an unknown type": safetensors({"a": tensor(0, 4, dtype="F33")}, b"1234"),
    "a name twice": safetensors(b'{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},' * 2 + b'"b":1}'),
    "bytes that no tensor has": safetensors({"a": tensor(0, 4)}, b"12345678"),
}


@pytest.mark.parametrize("data", LYING_TENSORS.values(), ids=LYING_TENSORS)
def test_a_lying_safetensors_file_is_sealed_and_named(registry, model, data):
    version = registry.register(model, {"model.safetensors": data, "other.bin": b"x"})
    assert version["seal"]["state"] == "sealed"
    assert set(problems(registry, model)) == {"model.safetensors"}
    assert registry.file(model, 1, "model.safetensors").expect().body == data
    assert json.loads(registry.manifest_bytes(model, 1))["problems"][0]["path"] == "model.safetensors"


def bomb(levels, width):
    lines = ["l0: &l0 [x]"]
    for level in range(1, levels):
        lines.append(f"l{level}: &l{level} [{','.join([f'*l{level - 1}'] * width)}]")
    return "\n".join(lines).encode()


LYING_YAML = {
    "not YAML": b"a: [",
    "not text": bytes(range(128, 256)),
    "not a map": b"- a\n- b\n",
    "an alias bomb": bomb(9, 9),
    "a wide alias bomb": bomb(3, 10_000),
    "an alias of itself": b"a: &a [*a]\n",
    "an alias of nothing": b"a: *nothing\n",
    "deep nesting": b"a: " + b"[" * 100_000,
    "deep nesting by lines": b"".join(b" " * i + b"a:\n" for i in range(1_000)),
    "two megabytes": b"a: " + b"x" * 2 * MEBIBYTE,
    "many values": b"a: [" + b"x," * 200_000 + b"x]",
    "a tag that makes Python run": b"!!python/object/apply:os.system ['touch /tmp/owned']",
    "a million keys": b"".join(b"k%d: v\n" % i for i in range(100_000)),
}


@pytest.mark.parametrize("data", LYING_YAML.values(), ids=LYING_YAML)
def test_a_lying_mlmodel_is_sealed_and_named(registry, model, data):
    version = registry.register(model, {"MLmodel": data, "model.pkl": b"x"})
    assert version["seal"]["state"] == "sealed"
    assert set(problems(registry, model)) == {"MLmodel"}
    assert registry.file(model, 1, "MLmodel").expect().body == data


@pytest.mark.parametrize("path", ["conda.yaml", "python_env.yaml"])
def test_a_lying_environment_is_sealed_and_named(registry, model, path):
    registry.register(model, {"MLmodel": b"flavors: {}", path: bomb(9, 9)})
    assert set(problems(registry, model)) == {path}


@pytest.mark.parametrize(
    "signature",
    [
        "not a map", {"inputs": "{"}, {"inputs": "[" * 500}, {"inputs": '[{"name": "a"}]'}, {"inputs": 5},
        {"inputs": '[{"name":"a","type":"long"},{"name":"a","type":"long"}]'},
    ],
    ids=str,
)  # fmt: skip
def test_a_lying_signature_is_told_and_the_rest_of_the_mlmodel_is_read(registry, model, signature):
    document = {"flavors": {"sklearn": {"sklearn_version": "1.0"}}, "signature": signature}
    registry.register(model, {"MLmodel": json.dumps(document).encode()})
    if signature != {"inputs": 5}:
        assert set(problems(registry, model)) == {"MLmodel"}
    manifest = registry.manifest(model, 1)
    assert "signature" not in manifest
    assert manifest["architecture"]["flavors"] == {"sklearn": "1.0"}


@pytest.mark.parametrize(
    "data", [b"{", b"[]", b"[" * 100_000, b"\xff\xfe", b"{" + b'"a":1,' * 300_000 + b'"b":1}']
)
def test_a_lying_config_is_sealed_and_named(registry, model, data):
    registry.register(model, {"config.json": data, "model.bin": b"x"})
    assert set(problems(registry, model)) == {"config.json"}


def test_through_mlflow_a_lying_model_registers_too(server, registry, client, experiment, model):
    run = client.create_run(experiment).info.run_id
    for path, data in {"MLmodel": bomb(9, 9), "a.safetensors": safetensors(b"{}", length=1 << 60)}.items():
        server.put_artifact(f"{experiment}/{run}/artifacts/model/{path}", data).expect()
    client.create_model_version(model, f"runs:/{run}/model", run)
    assert set(problems(registry, model)) == {"MLmodel", "a.safetensors"}


def test_a_pickle_is_stored_and_never_opened(registry, model, tmp_path):
    marker = tmp_path / "unpickled"

    class Trap:
        def __reduce__(self):
            return os.mkdir, (str(marker),)

    files = dict.fromkeys(
        ["model.pkl", "a.pickle", "b.pt", "c.joblib", "d.bin", "data.pkl"], pickle.dumps(Trap())
    )
    version = registry.register(model, {**files, "MLmodel": b"flavors: {python_function: {data: data.pkl}}"})
    assert version["seal"]["fileCount"] == 7
    assert problems(registry, model) == {}
    assert not marker.exists()
    pickle.loads(files["model.pkl"])
    assert marker.exists(), "the trap would not have worked"


# Memory


def peak(server):
    """The most memory that the server ever had, in bytes."""
    with open(f"/proc/{server.process.pid}/status") as status:
        (line,) = [line for line in status if line.startswith("VmHWM")]
    return int(line.split()[1]) * 1024


def largest_header():
    """As many tensors as fit into a header that is still read."""
    entry = {"dtype": "U8", "shape": [0], "data_offsets": [0, 0]}
    text = json.dumps(entry, separators=(",", ":"))
    names = (16 * MEBIBYTE - 10) // (len(text) + 12)
    return safetensors(("{" + ",".join(f'"t{i:07}":{text}' for i in range(names)) + "}").encode())


GREEDY = {
    "a large header": lambda: {"a.safetensors": largest_header()},
    "a header of many small values": lambda: {
        "a.safetensors": safetensors(b'{"a":[' + b"0," * (7 * MEBIBYTE) + b"0]}")
    },
    "large texts": lambda: {
        "MLmodel": b"a: [" + b"x," * (MEBIBYTE // 2 - 100) + b"x]",
        **{f"m{i}/config.json": b'{"a":[' + b"0," * (MEBIBYTE // 2 - 100) + b"0]}" for i in range(5)},
    },
    "alias bombs": lambda: {
        "MLmodel": bomb(9, 9), "conda.yaml": bomb(3, 10_000), "python_env.yaml": bomb(20, 2)
    },
}  # fmt: skip


@pytest.mark.parametrize("files", GREEDY.values(), ids=GREEDY)
def test_memory_stays_bounded_whatever_is_registered(start_martlet, files):
    server = start_martlet()
    registry = Registry(server, "ann")
    model = registry.model()
    sent = registry.blobs(files())
    before = peak(server)

    def register():
        registry.post(f"/models/{model}/versions", {"files": sent}, status=201)

    register()
    once = peak(server) - before
    clients = [threading.Thread(target=register) for _ in range(2)]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    print(f"once {once / MEBIBYTE:.0f} MiB, two more {(peak(server) - before) / MEBIBYTE:.0f} MiB")
    assert len(registry.get(f"/models/{model}/versions")["versions"]) == 3
    assert once < 256 * MEBIBYTE
    assert peak(server) - before < 512 * MEBIBYTE

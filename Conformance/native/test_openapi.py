"""The API's description of itself is valid and true, and nothing that fits it brings the server down."""

import json
import re

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from openapi_spec_validator import OpenAPIV31SpecValidator
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import response_schema_conformance, status_code_conformance

from registry import ROOT, Registry, problem, sha256
from support import MartletServer, unique, wait_until

DOCUMENT = f"{ROOT}/openapi.json"


@pytest.fixture(scope="module")
def document(server):
    return server.request("GET", DOCUMENT).expect().json


@pytest.fixture(scope="module")
def sample(server):
    """What fills the parts of paths: a model with a version that has all there is."""
    registry = Registry(server, "ann")
    model = registry.model(tags={"key": "v"})
    registry.register(model, {"path": b"data"}, tags={"key": "v"}, metrics=[{"name": "f1", "value": 1}])
    registry.register(model, datasets=[{"name": "train", "digest": "d"}])
    registry.put(f"/models/{model}/aliases/alias", {"version": "1"})
    registry.move(model, 1, "staging")
    arm = {"model": model, "version": "1", "url": "http://127.0.0.1:1"}
    settings = {"decisions": "strict", "payloads": {"partsPerMillion": 1_000_000}}
    change = {"release": arm, "check": False, "settings": settings}
    registry.post("/deployments/sample/revisions", change, status=201)
    other = {**arm, "role": "challenger", "partsPerMillion": 500_000, "name": "other"}
    registry.post("/deployments/sample/revisions", {"add": other, "check": False}, status=201)
    registry.post("/deployments/sample/experiments", BODIES["startExperiment"], status=201)
    later = {"steps": [1_000_000], "everyMs": 1000, "start": "2999-01-01T00:00Z"}
    registry.post("/deployments/sample/rollout", {**arm, **later, "version": "2"}, status=201)
    decision = server.request("POST", "/serve/sample", {}).headers["Martlet-Decision"]
    wait_until(lambda: registry.request("GET", f"/decisions/{decision}/payload").status == 200)
    # Nobody calls it: it listens to what does not happen.
    webhook = registry.post("/webhooks", BODIES["createWebhook"], status=201)["id"]
    return {
        "webhook": webhook, "delivery": "none",
        "model": model, "version": "1", "key": "key", "alias": "alias", "path": "path",
        "deployment": "sample", "revision": "1", "decision": decision, "experiment": "1",
        "sha256": sha256(b"data"), "digest": registry.version(model, 1)["digest"],
    }  # fmt: skip


def operations(document):
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


def test_the_document_is_valid_openapi_3_1(document):
    assert document["openapi"].startswith("3.1")
    OpenAPIV31SpecValidator(document).validate()
    names = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(names) == len(set(names)) > 40
    for method, path, operation in operations(document):
        said = {p["name"] for p in operation.get("parameters", []) if p["in"] == "path"}
        assert said == set(re.findall(r"{(\w+)}", path)), (method, path)
        assert operation["summary"]


QUERIES = {
    "diffVersions": {"from": "{model}/1", "to": "{model}/2"},
    "rankVersions": {"metric": "f1"},
    "getDescendants": {"dataset": "train"},
    "listDecisions": {"subject": "ann"},
    "getInclusionProof": {"index": 0, "size": 1},
    "getConsistencyProof": {"from": 1, "to": 2},
}


def test_every_operation_that_looks_answers_as_it_says(server, registry, document, sample):
    for method, path, operation in operations(document):
        if method not in ("GET", "HEAD"):
            continue
        query = {k: str(v).format(**sample) for k, v in QUERIES.get(operation["operationId"], {}).items()}
        reply = registry.request(method, path.format(**sample), **query)
        if operation["operationId"] == "getDecisionProof":
            # Nobody waits for an hour to be over.
            assert (reply.status, reply.json["code"]) == (409, "conflict")
            continue
        assert str(reply.status) in operation["responses"], (path, reply.body)
        kinds = operation["responses"]["200"].get("content", {})
        if kinds and "application/octet-stream" not in kinds:
            assert reply.headers["Content-Type"].split(";")[0] in kinds


def test_every_operation_knows_what_it_is_asked_about(registry, document):
    """None is a route that does not exist, and each refuses an unknown model in the shape of a problem."""
    nowhere = {"model": unique("no"), "version": "1", "key": "k", "alias": "a", "path": "p"}
    nowhere |= {"deployment": unique("no"), "revision": "1", "experiment": "1"}
    nowhere |= {"decision": "0192e4b0-7c3a-7d51-9c0e-2f6a4b1d8e90"}
    for method, path, operation in operations(document):
        asks = any(part in path for part in ("{model}", "{deployment}", "{decision}"))
        if asks and method in ("GET", "DELETE"):
            query = QUERIES.get(operation["operationId"], {})
            reply = registry.request(method, path.format(**nowhere), **query)
            assert problem(reply.expect(404), "not_found")["detail"]


def test_the_document_describes_every_member_of_every_answer(server, registry, document, sample):
    """The document is strict both ways: what is answered is described."""
    schemas = document["components"]["schemas"]
    version = registry.version(sample["model"], 1)
    assert set(version) <= set(schemas["VersionRecord"]["properties"])
    assert set(schemas["VersionRecord"]["required"]) <= set(version)
    assert set(schemas["Problem"]["properties"]) == {"status", "code", "title", "detail", "gates"}


def test_the_document_names_the_headers_that_are_looked_at(registry, document, sample):
    """Who changes something says who it is; what says that it takes If-Match refuses when somebody was faster."""
    conditional = set()
    for method, path, operation in operations(document):
        headers = {p["name"] for p in operation.get("parameters", []) if p["in"] == "header"}
        assert ("Martlet-Actor" in headers) == (method not in ("GET", "HEAD")), (method, path)
        if "If-Match" not in headers:
            continue
        conditional.add(operation["operationId"])
        body = BODIES.get(operation["operationId"])
        reply = registry.request(method, path.format(**sample), body, headers={"If-Match": '"999999"'})
        problem(reply.expect(412), "precondition_failed")
    assert conditional > {"deploy", "rollBackDeployment", "moveVersion"}


# Bad input


def test_a_parameter_that_nobody_knows_is_refused_and_named(registry, document, sample):
    for method, path, operation in operations(document):
        body = BODIES.get(operation["operationId"])
        reply = registry.request(method, path.format(**sample), body, limt="5")
        if method == "HEAD":
            reply.expect(400)
            continue
        assert "'limt'" in problem(reply.expect(400), "invalid")["detail"]


def test_a_body_where_none_belongs_is_refused_and_one_without_content_is_not(registry, document, sample):
    path = f"/models/{sample['model']}/versions/1/hold"
    detail = registry.refused("DELETE", path, {"reason": "done"}, status=400, code="invalid")
    assert "reason" in detail
    assert registry.request("DELETE", path, {}).status < 300


BODIES = {
    "registerVersion": {"source": "s3://b/1"},
    "createModel": {"name": "x"},
    "moveVersion": {"to": "staging"},
    "setPolicy": {"stages": {}},
    "setAlias": {"version": "1"},
    "addNote": {"text": "x"},
    "holdVersion": {"reason": "x"},
    "renumberVersion": {"semanticVersion": "9.9.9"},
    "describeModel": {"description": "x"},
    "describeVersion": {"description": "x"},
    "setModelTag": {"value": "x"},
    "setVersionTag": {"value": "x"},
    "rollBack": {"reason": "x"},
    "deploy": {"reason": "x"},
    "beginRollout": {"model": "x", "version": "1", "steps": [1], "everyMs": 1},
    "tellOutcome": {"metrics": {"sale": 1}},
    "tellOutcomes": {"outcomes": []},
    "rollBackDeployment": {"reason": "x"},
    "startExperiment": {"goal": {"name": "sale"}},
    "stopExperiment": {"reason": "x"},
    "approveVersion": {"reason": "x"},
    "purgeVersion": {"reason": "x"},
    "restoreVersion": {"reason": "x"},
    "restoreModel": {"reason": "x"},
    "createWebhook": {"name": "x", "url": "https://8.8.8.8/", "events": ["budget_policy.exceeded"]},
    "updateWebhook": {"name": "x"},
    "testWebhook": {"event": "prompt.created"},
}
NO_JSON = [
    b"{",
    b"",
    b"\xff",
    b"[1,]",
    b"nul",
    b'{"a":1}{',
    b"{'a':1}",
    b'"\x01"',
    b"[" * 10_000,
    b"1e999999",
]


def with_bodies(document):
    found = {op["operationId"]: (m, p, op) for m, p, op in operations(document) if "requestBody" in op}
    found.pop("putBlob")
    assert set(found) == set(BODIES)
    return found.items()


def test_a_body_that_is_no_json_is_refused(server, document, sample):
    for name, (method, path, operation) in with_bodies(document):
        for raw in NO_JSON:
            if not raw and not operation["requestBody"]["required"]:
                continue
            reply = server.request(method, ROOT + path.format(**sample), raw=raw)
            assert reply.status == 400, (name, raw[:20], reply.body[:200])
            problem(reply, "invalid")


def test_a_member_that_nobody_knows_is_refused_and_named(registry, document, sample):
    for _, (method, path, operation) in with_bodies(document):
        body = {**BODIES[operation["operationId"]], "froom": "candidate"}
        reply = registry.request(method, path.format(**sample), body)
        assert "froom" in problem(reply.expect(400), "invalid")["detail"]


WRONG = [{"x": [1]}, [{"x": {}}], 1.5, True]


@pytest.mark.parametrize("wrong", WRONG, ids=str)
def test_a_member_of_the_wrong_type_is_refused(registry, document, sample, wrong):
    schemas = document["components"]["schemas"]
    tried = 0
    for name, (method, path, operation) in with_bodies(document):
        schema = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].rsplit("/", 1)[1]
        for member, described in schemas[schema]["properties"].items():
            if described.get("type") == "boolean" and wrong is True:
                continue
            body = {**BODIES[name], member: wrong}
            reply = registry.request(method, path.format(**sample), body)
            assert reply.status == 400, (name, member, reply.body)
            problem(reply, "invalid")
            tried += 1
    assert tried > 30


def test_an_answer_to_nothing_is_a_problem_too(registry):
    for method, path in [("GET", "/nothing"), ("POST", "/ledger/key"), ("GET", "/models/a/b/c/d/e/f")]:
        reply = registry.request(method, path)
        assert reply.status in (404, 405)
        problem(reply)


@pytest.mark.parametrize("token", ["x", "AAAA", "%F0%9F%98%80", "a" * 5_000, "=", "null"])
def test_a_page_token_of_no_page_is_refused(registry, sample, token):
    for path in ("/models", f"/models/{sample['model']}/versions", f"/models/{sample['model']}/history"):
        registry.refused("GET", path, pageToken=token, status=400, code="invalid")


@pytest.mark.parametrize(
    ("name", "value"),
    [("limit", "0"), ("limit", "-1"), ("limit", "x"), ("limit", "9" * 30), ("deleted", "maybe")],
)
def test_a_parameter_that_cannot_be_meant_is_refused(registry, sample, name, value):
    registry.refused(
        "GET", f"/models/{sample['model']}/versions", **{name: value}, status=400, code="invalid"
    )


@pytest.mark.parametrize("actor", ["", " ", "a" * 5_000, "x\x01y", "\x7f"])
def test_an_actor_that_is_no_name_is_refused_or_nobody(server, sample, actor):
    reply = server.request("GET", f"{ROOT}/models/{sample['model']}", headers={"Martlet-Actor": actor})
    assert reply.status in (200, 400)
    body = {"value": "v"}
    reply = server.request(
        "PUT", f"{ROOT}/models/{sample['model']}/tags/k", body, headers={"Martlet-Actor": actor}
    )
    assert reply.status in (204, 400)
    assert server.request("GET", "/health").status == 200


@pytest.mark.parametrize(
    "files",
    [
        [{"path": "../a"}], [{"path": "/a"}], [{"path": ""}], [{"path": "."}], [{"path": "a\x00b"}],
        [{"path": "x" * 5_000}], [{"path": "a"}, {"path": "a"}], [{"path": "a//b"}, {"path": "a/b"}],
        [{"path": "a"}, {"path": "a/b"}], [{"path": "a", "role": "x"}],
        [{"path": "a", "sha256": "XYZ"}], [{"path": "a", "sha256": ""}],
    ],
    ids=lambda files: str(files)[:40],
)  # fmt: skip
def test_files_that_no_tree_can_hold_are_refused(registry, sample, files):
    body = {"files": [{"sha256": sample["sha256"], **file} for file in files]}
    path = f"/models/{sample['model']}/versions"
    registry.refused("POST", path, body, status=400, code="invalid")


def test_a_version_needs_a_source_or_files_and_not_both(registry, sample):
    path = f"/models/{sample['model']}/versions"
    both = {"source": "s3://b/1", "files": []}
    for body in ({}, both):
        registry.refused("POST", path, body, status=400, code="invalid")


def test_bytes_that_are_not_what_they_are_called_are_not_stored(server, registry):
    digest = sha256(unique("blob").encode())
    headers = {"Content-Type": "application/octet-stream"}
    reply = server.request("PUT", f"{ROOT}/blobs/{digest}", raw=b"other bytes", headers=headers)
    assert reply.status in (400, 422)
    problem(reply)
    assert registry.request("HEAD", f"/blobs/{digest}").status == 404


# Whatever fits the document


@pytest.fixture(scope="module")
def guinea_pig(tmp_path_factory):
    """A server for input that nobody would send on purpose, and a model on it."""
    server = MartletServer(tmp_path_factory.mktemp("guinea-pig"))
    server.start()
    registry = Registry(server, "ann")
    registry.post("/models", {"name": "iris"}, status=201)
    registry.register("iris", {"a": b"1"}, metrics=[{"name": "f1", "value": 1}])
    registry.register("iris", {"a": b"2"}, datasets=[{"name": "train", "digest": "d"}])
    yield server
    assert server.terminate() == 0, server.log_tail()


@pytest.fixture(scope="module")
def described(guinea_pig):
    """What schemathesis makes of the document."""
    document = guinea_pig.request("GET", DOCUMENT).expect().json
    # Words that mean something, so that not every example ends at an unknown model.
    words = {"model": ["iris", "setosa"], "version": ["1", "2", "1.0.0", "^1", "production", "champion"]}
    for _, _, operation in operations(document):
        for parameter in operation.get("parameters", []):
            if parameter["name"] in words and parameter["in"] == "path":
                known = {"enum": words[parameter["name"]]}
                parameter["schema"] = {"anyOf": [known, known, known, {"type": "string"}]}
    return schemathesis.openapi.from_dict(document)


EXAMPLES = {GenerationMode.POSITIVE: 25, GenerationMode.NEGATIVE: 10}


def answers_as_it_says(server, operation, mode):
    """Tries one operation with whatever fits the document, or with what just does not."""

    @settings(
        max_examples=EXAMPLES[mode],
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def attempt(case):
        case.headers = {**(case.headers or {}), "Martlet-Actor": "schemathesis"}
        response = case.call(base_url=server.url + ROOT)
        assert response.status_code < 500, response.text
        if response.status_code >= 400 and case.method != "HEAD":
            found = json.loads(response.text)
            known = response.headers.get("content-type") == ["application/problem+json"]
            assert known or found.get("error_code") == "ENDPOINT_NOT_FOUND", response.text
            if known:
                assert found["status"] == response.status_code
                assert {"code", "title", "detail"} <= set(found)
            return
        if mode is GenerationMode.POSITIVE:
            case.validate_response(response, checks=[status_code_conformance, response_schema_conformance])

    attempt()


@pytest.mark.parametrize("mode", GenerationMode, ids=lambda mode: mode.value)
def test_whatever_is_sent_is_answered_as_the_document_says(guinea_pig, described, mode):
    wrong = []
    for result in described.get_all_operations():
        operation = result.ok()
        try:
            answers_as_it_says(guinea_pig, operation, mode)
        except Unsatisfiable:
            # Nothing that one could send would be wrong.
            assert mode is GenerationMode.NEGATIVE
        except Exception as error:
            wrong.append(f"{operation.label}: {error!r}"[:1_000])
    assert not wrong, "\n\n".join(wrong)
    assert guinea_pig.request("GET", "/health").status == 200

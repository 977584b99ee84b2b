"""Which routes there are, what the server says of itself, and what becomes of other requests."""

import contextlib

import pytest

# MLflow's own server has its older routes under 2.0 only.
PREFIXES = [
    "/api/2.0/mlflow/",
    "/ajax-api/2.0/mlflow/",
    pytest.param("/api/3.0/mlflow/", marks=pytest.mark.martlet_only),
    pytest.param("/ajax-api/3.0/mlflow/", marks=pytest.mark.martlet_only),
]


@pytest.mark.parametrize("prefix", PREFIXES)
def test_every_prefix_leads_to_the_same_data(server, experiment, prefix):
    body = {"experiment_id": experiment, "key": "prefix", "value": prefix}
    server.post(f"{prefix}experiments/set-experiment-tag", body).expect()
    seen = server.get(f"{prefix}experiments/get", experiment_id=experiment).expect().json["experiment"]
    assert seen["tags"] == [{"key": "prefix", "value": prefix}]
    assert server.get("experiments/get", experiment_id=experiment).expect().json["experiment"] == seen


def test_the_server_says_what_it_can_do(server):
    info = server.get("/api/3.0/mlflow/server-info").expect().json
    assert info["store_type"] == "SqlStore"
    assert info["workspaces_enabled"] is False
    assert info["multipart_uploads_enabled"] is False
    assert info["multipart_downloads_enabled"] is False


@pytest.mark.martlet_only
def test_whoever_opens_the_address_is_told_the_next_step(server):
    reply = server.get("/").expect()
    assert reply.headers["Content-Type"].startswith("text/html")
    assert b"MLFLOW_TRACKING_URI" in reply.body


@pytest.mark.martlet_only
def test_a_server_that_answers_is_ready(server):
    assert server.get("/ready").expect().body == b"OK"


# What is not served

UNSERVED = [
    ("GET", "/bogus"),
    ("GET", "/api/2.0/mlflow/bogus"),
    ("POST", "/api/2.0/mlflow/runs/bogus"),
    ("POST", "/api/2.0/bogus"),
    ("POST", "/api/3.0/mlflow/traces"),
    ("POST", "/ajax-api/2.0/mlflow/bogus"),
    ("GET", "/api/2.0/mlflow-artifacts/bogus/x"),
    ("GET", "/api/3.0/mlflow-artifacts/artifacts"),
    # The areas of the table in docs/protocols/mlflow.md.
    ("POST", "/api/2.0/mlflow/traces/link-to-run"),
    ("GET", "/ajax-api/3.0/mlflow/get-trace-artifact"),
    ("POST", "/v1/traces"),
    ("POST", "/api/3.0/mlflow/datasets/create"),
    ("POST", "/api/3.0/mlflow/scorers/register"),
    ("POST", "/api/3.0/mlflow/issues/search"),
    ("GET", "/api/3.0/mlflow/label-schemas/list"),
    ("GET", "/api/3.0/mlflow/review-queues/list"),
    ("POST", "/api/3.0/mlflow/prompt-optimization/jobs"),
    ("POST", "/ajax-api/3.0/mlflow/genai/evaluate/invoke"),
    ("POST", "/ajax-api/3.0/jobs/"),
    ("GET", "/api/3.0/mlflow/gateway/endpoints/list"),
    ("POST", "/ajax-api/2.0/mlflow/gateway-proxy"),
    ("POST", "/gateway/mlflow/v1/chat/completions"),
    ("POST", "/ajax-api/2.0/mlflow/runs/create-promptlab-run"),
    ("GET", "/api/3.0/mlflow/mcp-servers"),
    ("GET", "/api/2.0/mlflow/users/current"),
    ("GET", "/api/3.0/mlflow/roles/list"),
    ("GET", "/api/2.0/mlflow/experiments/permissions/get"),
    ("GET", "/api/3.0/mlflow/workspaces"),
    ("POST", "/graphql"),
    ("GET", "/static-files/index.html"),
    ("GET", "/ajax-api/3.0/mlflow/ui-telemetry"),
    ("POST", "/ajax-api/3.0/mlflow/assistant/message"),
    ("POST", "/ajax-api/3.0/mlflow/demo/generate"),
]


@pytest.mark.martlet_only
@pytest.mark.parametrize(("method", "path"), UNSERVED)
def test_an_unknown_route_is_not_found(server, method, path):
    reply = server.request(method, path, {} if method == "POST" else None).expect(404)
    assert reply.headers["Content-Type"].startswith("application/json")
    assert reply.error_code == "ENDPOINT_NOT_FOUND"


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "runs/create"), ("DELETE", "runs/get"), ("POST", "runs/get"), ("PUT", "experiments/create")],
)
def test_a_wrong_method_is_refused(server, method, path):
    assert server.request(method, path).status in (404, 405)


# What is hardly HTTP


@pytest.mark.martlet_only
def test_nonsense_instead_of_http_does_not_harm(server):
    for data in (
        b"\x16\x03\x01\x02\x00",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"\0" * 1000,
        b"A" * 100_000,
    ):
        connection = server.connection(timeout=5)
        connection.connect()
        try:
            connection.sock.sendall(data)
            connection.sock.recv(1000)
        except OSError:
            pass
        finally:
            connection.close()
    server.request("GET", "/health").expect()


@pytest.mark.martlet_only
def test_too_long_a_request_line_or_header_is_refused(server):
    for target, headers in [("/" + "x" * 200_000, {}), ("/health", {"X-Long": "x" * 200_000})]:
        with contextlib.suppress(OSError):
            assert server.request("GET", target, headers=headers).status in (400, 404, 414, 431)
    server.request("GET", "/health").expect()

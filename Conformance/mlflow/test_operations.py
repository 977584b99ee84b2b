"""Running Martlet: limits, health, metrics, shutdown, the lock on the data folder, its names."""

import contextlib
import os
import re
import socket
import subprocess
import threading
import time

import pytest

from support import ARTIFACTS, MartletServer, martlet_binary, wait_until

pytestmark = pytest.mark.martlet_only


def half_an_upload(server, key, size):
    """A socket that has sent the head and half of the body of a PUT; the other half is returned with it."""
    data = os.urandom(size)
    connection = socket.create_connection(("127.0.0.1", server.port), timeout=30)
    head = f"PUT {ARTIFACTS}{key} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {size}\r\n\r\n"
    connection.sendall(head.encode() + data[: size // 2])
    return connection, data


def files_below(folder):
    """Relative paths of the files of the blob store that are not staged."""
    found = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    return {path for path in found if "staging" not in path.split("/")}


def read_status(connection):
    received = b""
    while b"\r\n\r\n" not in received:
        chunk = connection.recv(65536)
        if not chunk:
            break
        received += chunk
    return int(received.split(b" ", 2)[1])


# Health, version, metrics


def test_health_says_ok(server):
    reply = server.get("/health").expect()
    assert reply.body.strip() == b"OK"


def test_the_version_is_one_that_clients_accept(server):
    reply = server.get("/version").expect()
    assert re.match(rb"\d+\.\d+\.\d+", reply.body)


SAMPLE = re.compile(r'^[a-zA-Z_:][a-zA-Z0-9_:]*(\{([a-zA-Z_]\w*="([^"\\]|\\.)*",?)*\})? (\S+)( \d+)?$')


def test_metrics_are_prometheus_text(server):
    server.get("/health").expect()
    reply = server.get("/metrics").expect()
    assert reply.headers["Content-Type"].startswith("text/plain")
    samples, types = 0, {}
    for line in reply.body.decode().splitlines():
        if line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            assert name not in types, f"two TYPE lines for {name}"
            types[name] = kind
            assert kind in ("counter", "gauge", "histogram", "summary", "untyped")
        elif line and not line.startswith("#"):
            matched = SAMPLE.match(line)
            assert matched, line
            float(matched.group(4))
            samples += 1
    assert samples
    assert types


def test_metrics_count_requests(server):
    def total():
        text = server.get("/metrics").expect().body.decode()
        counters = re.findall(r"^# TYPE (\S+) (?:counter|histogram)$", text, re.M)
        values = re.findall(rf"^(?:{'|'.join(counters)})\S* (\S+)", text, re.M)
        return sum(float(value) for value in values if value not in ("NaN", "+Inf"))

    before = total()
    for _ in range(20):
        server.get("experiments/get", experiment_id="0").expect()
    assert total() >= before + 20


# Limits


def test_a_json_body_over_the_limit_is_refused(start_martlet):
    server = start_martlet("--json-body-max-bytes", "10000")
    server.post("experiments/create", {"name": "fits", "tags": [{"key": "k", "value": "v" * 9000}]}).expect()
    reply = server.post(
        "experiments/create", {"name": "large", "tags": [{"key": "k", "value": "v" * 10_001}]}
    )
    assert reply.status == 413
    assert reply.error_code
    assert server.get("experiments/get-by-name", experiment_name="large").status == 404


def test_a_json_body_over_the_limit_is_refused_without_a_length(start_martlet):
    server = start_martlet("--json-body-max-bytes", "10000")
    connection = server.connection()
    head = {"Content-Type": "application/json", "Transfer-Encoding": "chunked"}
    chunks = iter([b'{"name": "', *[b"x" * 1000] * 20, b'"}'])
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        connection.request("POST", "/api/2.0/mlflow/experiments/create", chunks, head, encode_chunked=True)
    assert connection.getresponse().status == 413


def test_an_artifact_over_the_limit_is_refused_and_leaves_nothing(start_martlet):
    server = start_martlet("--artifact-max-bytes", "100000")
    run = server.new_run()
    key = f"0/{run}/artifacts/x.bin"
    server.put_artifact(key, b"x" * 100_000).expect()
    before = files_below(server.data / "blobs")
    for send in (b"y" * 100_001, iter([b"y" * 50_000] * 3)):
        connection = server.connection()
        chunked = not isinstance(send, bytes)
        head = {"Transfer-Encoding": "chunked"} if chunked else {}
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            connection.request("PUT", ARTIFACTS + key, send, head, encode_chunked=chunked)
        assert connection.getresponse().status == 413
        connection.close()
    assert server.get_artifact(key).expect().body == b"x" * 100_000
    assert files_below(server.data / "blobs") == before


# Clients that go away


def test_an_upload_whose_client_goes_away_leaves_nothing(start_martlet):
    server = start_martlet()
    run = server.new_run()
    root = f"0/{run}/artifacts"
    server.put_artifact(f"{root}/whole.bin", b"whole").expect()
    before = files_below(server.data / "blobs")
    for number in range(5):
        connection, _ = half_an_upload(server, f"{root}/half-{number}.bin", 2_000_000)
        if number % 2:
            # A reset instead of a polite end.
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        connection.close()
    staging = server.data / "blobs" / "staging"

    def nothing_staged():
        return not staging.exists() or not any(path.is_file() for path in staging.rglob("*"))

    wait_until(nothing_staged, 10, "the staged halves to be removed")
    listed = server.get("artifacts/list", run_id=run).expect().json["files"]
    assert [file["path"] for file in listed] == ["whole.bin"]
    assert server.get_artifact(f"{root}/half-0.bin").status == 404
    assert files_below(server.data / "blobs") == before


def test_a_download_whose_client_goes_away_harms_nobody(start_martlet):
    server = start_martlet()
    run = server.new_run()
    key = f"0/{run}/artifacts/big.bin"
    data = os.urandom(20_000_000)
    server.put_artifact(key, data).expect()
    for _ in range(5):
        connection = server.connection()
        connection.request("GET", ARTIFACTS + key)
        connection.getresponse().read(1000)
        connection.close()
    assert server.get_artifact(key).expect().body == data


def test_a_slow_client_does_not_hold_up_others(start_martlet):
    server = start_martlet()
    run = server.new_run()
    slow = [half_an_upload(server, f"0/{run}/artifacts/slow-{number}", 100_000) for number in range(50)]
    started = time.monotonic()
    server.post("runs/log-metric", {"run_id": run, "key": "m", "value": 1, "timestamp": 1}).expect()
    server.put_artifact(f"0/{run}/artifacts/quick", b"x").expect()
    assert time.monotonic() - started < 5
    for connection, data in slow:
        connection.sendall(data[50_000:])
        assert read_status(connection) == 200
        connection.close()


# Shutdown and the data folder


def test_a_stop_lets_an_upload_finish(start_martlet):
    server = start_martlet()
    run = server.new_run()
    key = f"0/{run}/artifacts/last.bin"
    connection, data = half_an_upload(server, key, 24_000_000)
    wait_until(lambda: any((server.data / "blobs").rglob("staging/*")), 10, "the upload to be staged")
    stopping = threading.Thread(target=server.terminate)
    stopping.start()
    time.sleep(0.3)
    assert server.process.poll() is None, "the server did not wait for the upload"
    connection.sendall(data[len(data) // 2 :])
    assert read_status(connection) == 200
    connection.close()
    stopping.join(30)
    assert server.process.returncode == 0
    again = start_martlet(data=server.data)
    assert again.get_artifact(key).expect().body == data


def test_a_stop_is_quick_when_nothing_happens(start_martlet):
    server = start_martlet()
    idle = server.connection()
    idle.request("GET", "/health")
    idle.getresponse().read()
    started = time.monotonic()
    assert server.terminate() == 0
    assert time.monotonic() - started < 5
    idle.close()


def test_what_was_stored_is_there_after_a_restart(start_martlet):
    server = start_martlet()
    run = server.new_run(run_name="kept", tags=[{"key": "t", "value": "v"}])
    server.post("runs/log-metric", {"run_id": run, "key": "m", "value": 1.5, "timestamp": 1}).expect()
    server.put_artifact(f"0/{run}/artifacts/a.bin", b"data").expect()
    before = server.get("runs/get", run_id=run).expect().json
    assert server.terminate() == 0
    again = start_martlet(data=server.data)
    assert again.get("runs/get", run_id=run).expect().json == before
    assert again.get_artifact(f"0/{run}/artifacts/a.bin").expect().body == b"data"


def test_a_second_server_on_the_same_folder_is_refused(start_martlet, tmp_path):
    server = start_martlet()
    folder = tmp_path / "second"
    folder.mkdir()
    second = MartletServer(folder, data=server.data)
    done = subprocess.run(second.command(), capture_output=True, text=True, timeout=30)
    said = done.stdout + done.stderr
    assert done.returncode != 0
    assert re.search("data folder.*(locked|in use|another)", said), said
    server.new_run()


def test_the_lock_does_not_outlive_a_kill(start_martlet):
    server = start_martlet()
    server.kill()
    start_martlet(data=server.data).new_run()


def test_a_port_in_use_is_said_clearly(server, tmp_path):
    rival = MartletServer(tmp_path)
    rival.port = server.port
    done = subprocess.run(rival.command(), capture_output=True, text=True, timeout=30)
    assert done.returncode != 0
    assert str(server.port) in done.stdout + done.stderr


@pytest.mark.parametrize("flags", [["--bogus"], ["--port", "many"], ["--artifact-max-bytes", "-1"]], ids=str)
def test_a_bad_flag_is_said_clearly(tmp_path, flags):
    command = [*MartletServer(tmp_path).command(), *flags]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30)
    assert done.returncode != 0
    assert flags[0].lstrip("-") in done.stdout + done.stderr


def test_help_names_every_flag():
    done = subprocess.run([martlet_binary(), "serve", "--help"], capture_output=True, text=True, timeout=30)
    assert done.returncode == 0
    for flag in ("--data", "--host", "--port", "--json-body-max-bytes", "--artifact-max-bytes"):
        assert flag in done.stdout


# Names of the server


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost", 200),
        ("LocalHost:5000", 200),
        ("127.0.0.1:5000", 200),
        ("10.0.0.7", 200),
        ("[::1]:5000", 200),
        ("evil.example", 403),
        ("127.0.0.1.evil.example:5000", 403),
        ("localhost.evil.example", 403),
        ("localhost.", 200),
        ("localhost.:5000", 200),
        ("[evil", 400),
        ("[::1].evil.example", 400),
        ("localhost@evil.example", 400),
        ("localhost:x@evil.example", 400),
        ("127.0.0.1:80@evil.example", 400),
    ],
)
def test_a_server_for_this_machine_answers_only_to_its_own_names(server, host, status):
    reply = server.request("GET", "/api/2.0/mlflow/experiments/get?experiment_id=0", headers={"Host": host})
    assert reply.status == status
    if status == 403:
        assert reply.error_code == "PERMISSION_DENIED"
        assert "--allowed-hosts" in reply.message


def test_a_request_with_two_hosts_is_refused(server):
    for second in ("127.0.0.1", "evil.example"):
        connection = socket.create_connection(("127.0.0.1", server.port), timeout=30)
        connection.sendall(f"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: {second}\r\n\r\n".encode())
        assert read_status(connection) == 400
        connection.close()


@pytest.mark.parametrize(
    ("allowed", "status"), [("models.example, other.example", 200), ("*", 200), ("other.example", 403)]
)
def test_an_operator_decides_which_names_a_server_has(start_martlet, allowed, status):
    server = start_martlet("--allowed-hosts", allowed)
    assert server.request("GET", "/health", headers={"Host": "Models.example:80"}).status == status

"""What the program makes of servers that answer what no Martlet says: proxies, login pages, the wrong port."""

import socket
import threading

import pytest

from command_line import CommandLine


@pytest.fixture
def proxy(backends):
    """A server that is no Martlet, and what it answers."""
    return backends[0]


@pytest.fixture
def martlet(proxy, tmp_path):
    return CommandLine(tmp_path, proxy)


def answering(status, body=b"<html>Log in</html>", **headers):
    def answer(handler, _):
        handler.send_response(status)
        for name, value in {"Content-Type": "text/html", "Content-Length": str(len(body)), **headers}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)

    return answer


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_change_is_not_sent_to_where_a_server_redirects(martlet, proxy, backends, tmp_path, status):
    elsewhere = backends[1]
    proxy.answer = answering(status, Location=f"{elsewhere.url}/login")
    elsewhere.answer = answering(200)
    secret = tmp_path / "secret"
    secret.write_text("a secret that stays here")
    for words in (
        ("undeploy", "bot"),
        ("rollback", "bot"),
        ("webhook", "create", "hook", "https://example.com/x", "--event", "model_version.moved",
         "--secret-file", str(secret)),
        ("list",),
    ):  # fmt: skip
        said = martlet(*words, code=1)
        assert f"redirects to {elsewhere.url}/login" in said
        assert "--server" in said
    assert elsewhere.requests == []


def test_a_login_page_is_no_success(martlet, proxy):
    proxy.answer = answering(200)
    said = martlet("undeploy", "bot", code=1)
    assert "took away" not in said
    assert "200" in said


def test_a_change_whose_answer_is_lost_is_not_called_undone(tmp_path):
    listener = socket.create_server(("127.0.0.1", 0))

    def take_and_leave():
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            connection.recv(65536)
            connection.close()

    threading.Thread(target=take_and_leave, daemon=True).start()
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    martlet = CommandLine(tmp_path, environment={"MARTLET_URL": url})
    said = martlet("undeploy", "bot", code=1)
    assert "unknown" in said
    assert "look again" in said
    assert "martlet serve" not in said
    assert "martlet serve" in martlet("backends", code=69)
    listener.close()


@pytest.mark.parametrize(
    "url",
    [
        "http://user:hunter2@127.0.0.1:1", "http://hunter2@127.0.0.1:1", "user:hunter2@127.0.0.1:1",
        "ftp://user:hunter2@127.0.0.1", "http://user:hunter2@", "http://user:hunter2/@127.0.0.1",
    ],
)  # fmt: skip
def test_credentials_in_the_url_of_a_server_are_refused_and_not_repeated(tmp_path, url):
    for place in ({"MARTLET_URL": url}, None):
        martlet = CommandLine(tmp_path, environment=place or {})
        said = martlet("list", *([] if place else ["--server", url]), code=64)
        assert "hunter2" not in said
        assert "HOST:PORT" in said

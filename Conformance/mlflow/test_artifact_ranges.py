"""Downloads of parts of an artifact, and of what has changed."""

import pytest


@pytest.fixture
def alphabet(server, root):
    key = f"{root}/alphabet.txt"
    server.put_artifact(key, b"abcdefghijklmnopqrstuvwxyz").expect()
    return key


@pytest.mark.parametrize(
    ("wanted", "body", "content_range"),
    [
        ("bytes=0-0", b"a", "bytes 0-0/26"),
        ("bytes=0-2", b"abc", "bytes 0-2/26"),
        ("bytes=23-", b"xyz", "bytes 23-25/26"),
        ("bytes=20-999", b"uvwxyz", "bytes 20-25/26"),
        ("bytes=-3", b"xyz", "bytes 23-25/26"),
        ("bytes=-999", b"abcdefghijklmnopqrstuvwxyz", "bytes 0-25/26"),
    ],
)
def test_a_part_of_an_artifact_is_served(server, alphabet, wanted, body, content_range):
    reply = server.get_artifact(alphabet, Range=wanted).expect(206)
    assert reply.body == body
    assert reply.headers["Content-Range"] == content_range
    assert reply.headers["Content-Length"] == str(len(body))


def test_a_part_beyond_the_end_is_not_satisfiable(server, alphabet):
    reply = server.get_artifact(alphabet, Range="bytes=26-").expect(416)
    assert reply.headers["Content-Range"] == "bytes */26"


def test_a_whole_artifact_announces_ranges_and_a_stable_etag(server, alphabet):
    first, second = (server.get_artifact(alphabet).expect() for _ in range(2))
    assert first.headers["Accept-Ranges"] == "bytes"
    assert first.headers["ETag"] == second.headers["ETag"]
    part = server.get_artifact(alphabet, Range="bytes=0-1").expect(206)
    assert part.headers["ETag"] == first.headers["ETag"]


def test_a_head_request_tells_the_size(server, alphabet):
    reply = server.request("HEAD", f"/api/2.0/mlflow-artifacts/artifacts/{alphabet}").expect()
    assert (reply.headers["Content-Length"], reply.body) == ("26", b"")


@pytest.mark.martlet_only
def test_a_replaced_artifact_has_another_etag(server, alphabet):
    before = server.get_artifact(alphabet).headers["ETag"]
    server.put_artifact(alphabet, b"ABCDEFGHIJKLMNOPQRSTUVWXYZ").expect()
    assert server.get_artifact(alphabet).headers["ETag"] != before


@pytest.mark.martlet_only
def test_an_outdated_if_range_gets_the_whole_artifact(server, alphabet):
    etag = server.get_artifact(alphabet).headers["ETag"]
    assert server.get_artifact(alphabet, Range="bytes=0-1", If_Range=etag).expect(206).body == b"ab"
    assert len(server.get_artifact(alphabet, Range="bytes=0-1", If_Range='"old"').expect(200).body) == 26


@pytest.mark.martlet_only
def test_a_known_etag_is_not_modified(server, alphabet):
    etag = server.get_artifact(alphabet).headers["ETag"]
    reply = server.get_artifact(alphabet, If_None_Match=etag).expect(304)
    assert reply.body == b""


@pytest.mark.martlet_only
@pytest.mark.parametrize("wanted", ["junk", "bytes=5-2", "bytes=a-b", "pages=1-2"])
def test_a_malformed_range_never_breaks_the_download(server, alphabet, wanted):
    reply = server.get_artifact(alphabet, Range=wanted)
    assert reply.status in (200, 400, 416)
    if reply.status == 200:
        assert len(reply.body) == 26

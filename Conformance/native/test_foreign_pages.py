"""Requests that are refused before anybody reads them are refused in the words of whom they were for."""

import pytest

from registry import ROOT, problem

NOT_OURS = {"Host": "evil.example"}, {"Origin": "http://evil.example"}


@pytest.mark.parametrize("headers", NOT_OURS)
def test_the_native_api_refuses_in_its_own_words(server, headers):
    reply = server.request("POST", f"{ROOT}/models", {"name": "x"}, headers=headers).expect(403)
    assert reply.headers["Content-Type"] == "application/problem+json"
    assert problem(reply, "forbidden")["detail"]


@pytest.mark.parametrize("headers", NOT_OURS)
def test_mlflows_api_refuses_in_mlflows(server, headers):
    reply = server.request("POST", "registered-models/create", {"name": "x"}, headers=headers).expect(403)
    assert reply.error_code == "PERMISSION_DENIED"

"""What is not the JSON that a route expects. bad_input.py says how a case reads."""

import pytest

from bad_input import answered, post, raw, written

CASES = [
    raw("experiments/create", b"{bad"),
    raw("experiments/create", b""),
    raw("experiments/create", b"null"),
    raw("experiments/create", b"[]", oracle=None),
    raw("experiments/create", b"5", oracle=None),
    raw("experiments/create", b"true", oracle=None),
    raw("experiments/create", b'"text"', oracle=None),
    raw("experiments/create", b"\xff\xfe{", oracle=None),
    raw("experiments/create", b'{"name": "a\\ud800b"}', oracle=None),
    raw("experiments/create", b"[" * 100_000, oracle=None),
    raw("experiments/create", b'{"name":' * 50_000, oracle=None),
    raw(
        "experiments/create",
        b'{"name": "x"}',
        "Content-Type must be one of",
        headers={"Content-Type": "text/plain"},
    ),
    raw("runs/log-batch", b"{bad", oracle=None),
    raw("runs/log-batch", b"[]", oracle=None),
    raw("runs/search", b"[]", oracle=None),
    raw("model-versions/create", b"{bad"),
    post(
        "runs/set-tag",
        {"run_id": "$run", "runId": "$run", "key": "k", "value": "v"},
        "provide only one of them.",
    ),
]


@answered(CASES)
def test_bad_input_is_answered_clearly(server, names, case):
    case.check_answer(server, names)


@pytest.mark.martlet_only
@written(CASES)
def test_bad_input_changes_nothing(server, names, case):
    case.check_nothing_changes(server, names)

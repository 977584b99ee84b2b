"""Asks a deployment without pause, as many users would, until it is told to end (SIGTERM).

Each user asks twice about a flower, so that it shows whether they meet the same version again. Into FOLDER go

    answers.tsv      of each request: when it began, user, arm, status (0: no answer), decision
    outcomes.jsonl   of each decision: whether it was right, for 'martlet outcomes'

With --before-bloom the flowers have no petals yet.
"""

from __future__ import annotations

import argparse
import http.client
import itertools
import json
import signal
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

from flowers import FEATURES, PETALS, held_out

PAUSE_SECONDS = 0.02

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("url", help="of the server")
parser.add_argument("deployment")
parser.add_argument("folder", type=Path)
parser.add_argument("--callers", type=int, default=4)
parser.add_argument("--before-bloom", action="store_true")
options = parser.parse_args()

flowers = held_out.copy()
if options.before_bloom:
    flowers[PETALS] = float("nan")
is_over = threading.Event()
writing = threading.Lock()


def note(file, line: str) -> None:
    with writing:
        file.write(line + "\n")
        file.flush()


def body(flower) -> str:
    values = [None if value != value else value for value in flower[FEATURES]]
    return json.dumps({"dataframe_split": {"columns": FEATURES, "data": [values]}})


def ask(connection, user: str, flower) -> tuple[str, int, str, bool]:
    """Returns which arm answered, with which status, the decision's id, and whether it was right."""
    headers = {"Content-Type": "application/json", "X-User": user}
    connection.request("POST", f"/serve/{options.deployment}/invocations", body(flower), headers)
    answer = connection.getresponse()
    data = answer.read()
    is_right = answer.status == 200 and json.loads(data)["predictions"] == [flower["species"]]
    return answer.headers["Martlet-Arm"], answer.status, answer.headers["Martlet-Decision"], is_right


def call(caller: int, answers, outcomes) -> None:
    """One of the callers, on a connection of its own."""
    connection = http.client.HTTPConnection(urlsplit(options.url).netloc, timeout=30)
    kind = "gardener" if options.before_bloom else "user"
    for turn in itertools.count():
        user = f"{kind}-{caller}-{turn}"
        flower = flowers.iloc[(turn * options.callers + caller) % len(flowers)]
        for attempt in range(2):
            if is_over.is_set():
                return
            began = time.time()
            try:
                arm, status, decision, is_right = ask(connection, user, flower)
                if attempt == 0:
                    outcome = {"decision": decision, "metrics": {"correct": int(is_right)}}
                    note(outcomes, json.dumps(outcome))
            except (OSError, http.client.HTTPException):
                connection.close()
                arm, status, decision = "-", 0, "-"
            note(answers, f"{began:.6f}\t{user}\t{arm}\t{status}\t{decision}")
            is_over.wait(PAUSE_SECONDS)


def main() -> None:
    signal.signal(signal.SIGTERM, lambda *_: is_over.set())
    with (
        open(options.folder / "answers.tsv", "a") as answers,
        open(options.folder / "outcomes.jsonl", "a") as outcomes,
    ):
        threads = [
            threading.Thread(target=call, args=(number, answers, outcomes))
            for number in range(options.callers)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


main()

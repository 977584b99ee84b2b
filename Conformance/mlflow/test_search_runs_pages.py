"""Pages of runs: joined they are the whole, whatever is added or deleted meanwhile."""

import math

import pytest
from mlflow.entities import Metric, Param

from support import unique


def pages(client, experiment, size, between=lambda: None, **question):
    """Run ids of each page; `between` is called before each following page."""
    token = None
    while True:
        page = client.search_runs([experiment], max_results=size, page_token=token, **question)
        yield [run.info.run_id for run in page]
        token = page.token
        if not token:
            return
        between()


@pytest.fixture(scope="module")
def crowd(client):
    """An experiment of 23 runs with many equal, missing and NaN values, and a way to add more."""
    experiment = client.create_experiment(unique("crowd"))

    def add(number):
        start = 1000 + number // 4
        run_id = client.create_run(experiment, start, tags={"t": f"t{number % 3}"}).info.run_id
        values = [float(number % 5), math.nan, None, math.inf]
        value = values[number % 4]
        metrics = [] if value is None else [Metric("m", value, 1, 0)]
        params = [Param("p", f"p{number % 6}")] if number % 2 else []
        client.log_batch(run_id, metrics, params)
        if number % 3 == 0:
            client.set_terminated(run_id, end_time=start + 10)

    for number in range(23):
        add(number)
    return experiment, add


ORDERS = [
    [], ["start_time ASC"], ["metrics.m DESC"], ["metrics.m ASC"], ["params.p ASC"], ["params.p DESC"],
    ["tags.t DESC", "metrics.m ASC"], ["end_time DESC"], ["end_time ASC"], ["status ASC", "run_id DESC"],
]  # fmt: skip


@pytest.mark.parametrize(
    ("order", "size"),
    [([], 1), (["metrics.m DESC"], 1), *((order, size) for order in ORDERS for size in (5, 22, 23, 24))],
    ids=str,
)
def test_pages_joined_are_the_whole_in_order(client, crowd, order, size):
    experiment, _ = crowd
    whole = [run.info.run_id for run in client.search_runs([experiment], order_by=order)]
    parts = list(pages(client, experiment, size, order_by=order))
    assert [run_id for part in parts for run_id in part] == whole
    assert all(len(part) == size for part in parts[:-1])
    assert len(parts) == -(-len(whole) // size)


@pytest.mark.martlet_only
@pytest.mark.parametrize("order", ORDERS, ids=str)
def test_pages_miss_and_repeat_nothing_while_runs_are_added(client, crowd, order):
    experiment, add = crowd
    before = [run.info.run_id for run in client.search_runs([experiment], order_by=order)]
    numbers = iter(range(1000))

    def add_some():
        for _ in range(4):
            add(next(numbers))

    seen = [run_id for part in pages(client, experiment, 6, add_some, order_by=order) for run_id in part]
    assert len(seen) == len(set(seen))
    assert [run_id for run_id in seen if run_id in set(before)] == before
    for run in client.search_runs([experiment]):
        if run.info.run_id not in before:
            client.delete_run(run.info.run_id)


@pytest.mark.martlet_only
def test_pages_miss_nothing_when_the_last_seen_run_is_deleted(client):
    experiment = client.create_experiment(unique("shrinking"))
    ids = [client.create_run(experiment, start_time=start).info.run_id for start in range(9, 0, -1)]
    seen = []

    def delete_the_last_seen():
        client.delete_run(seen[-1])

    for part in pages(client, experiment, 2, delete_the_last_seen):
        seen += part
    assert seen == ids


def test_a_page_holds_1000_runs_unless_asked_otherwise(server):
    experiment = server.new_experiment()
    connection = server.connection()
    body = f'{{"experiment_id": "{experiment}", "start_time": 5}}'
    for _ in range(1001):
        connection.request("POST", "/api/2.0/mlflow/runs/create", body, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 200
    connection.close()
    first = server.post("runs/search", {"experiment_ids": [experiment]}).expect().json
    assert len(first["runs"]) == 1000
    second = {"experiment_ids": [experiment], "page_token": first["next_page_token"]}
    last = server.post("runs/search", second).expect().json
    assert len(last["runs"]) == 1
    assert "next_page_token" not in last

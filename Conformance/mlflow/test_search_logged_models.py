"""Searching logged models: filters, datasets, orders, pages, bad searches."""

import pytest
from mlflow.exceptions import MlflowException

from support import unique

pytestmark = pytest.mark.needs_client_3


class Shelf:
    """Four models A to D, found as "DCBA" by default (newest first)."""

    def __init__(self, client):
        self.client = client
        self.experiment = client.create_experiment(unique("shelf"))
        self.run = client.create_run(self.experiment).info.run_id
        self.ids = {}
        self.make("A", params={"lr": "0.1"}, tags={"t": "x"}, model_type="T")
        self.make("B", params={"lr": "1"}, source_run_id=self.run)
        self.make("C", tags={"t": "Xy"})
        self.make("D")
        self.names = {model_id: name for name, model_id in self.ids.items()}
        for name, value, dataset, time in [
            ("A", 0.9, "d1", 10),
            ("B", 0.5, "d1", 10),
            ("C", 0.7, "d2", 10),
            ("A", 0.1, "d2", 20),
            ("B", 0.95, "d2", 20),
        ]:
            where = {"model_id": self.ids[name], "dataset_name": dataset, "dataset_digest": f"g{dataset}"}
            client.log_metric(self.run, "acc", value, timestamp=time, step=1, **where)
        client.finalize_logged_model(self.ids["A"], "READY")

    def make(self, name, **fields):
        made = self.client.create_logged_model(self.experiment, name=name, **fields)
        self.ids[name] = made.model_id

        def clock_moved():
            probe = self.client.create_experiment(unique("clock"))
            return self.client.get_experiment(probe).creation_time > made.creation_timestamp

        assert any(clock_moved() for _ in range(100))

    def search(self, condition=None, **question):
        condition = condition and condition.format(run=self.run, **self.ids)
        found = self.client.search_logged_models([self.experiment], condition, **question)
        return "".join(self.names[model.model_id] for model in found)


@pytest.fixture(scope="module")
def shelf(client):
    return Shelf(client)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (None, "DCBA"),
        ("name = 'A'", "A"),
        ("attributes.name = 'A'", "A"),
        ("name != 'A'", "DCB"),
        ("name LIKE 'a'", ""),
        ("name ILIKE 'a'", "A"),
        ("name IN ('A', 'C')", "CA"),
        ("name NOT IN ('A', 'C')", "DB"),
        ("model_id = '{A}'", "A"),
        ("model_id IN ('{A}', '{B}')", "BA"),
        ("model_type = 'T'", "A"),
        ("source_run_id = '{run}'", "B"),
        ("creation_timestamp > 0", "DCBA"),
        ("creation_time <= 0", ""),
        ("last_updated_timestamp > 0", "DCBA"),
        ("params.lr = '0.1'", "A"),
        ("params.lr != '0.1'", "B"),
        ("params.lr LIKE '0%'", "A"),
        ("tags.t = 'x'", "A"),
        ("tags.t ILIKE 'x%'", "CA"),
        ("tags.t IN ('x', 'y')", "A"),
        ("metrics.acc > 0.6", "CBA"),
        ("metrics.acc = 0.5", "B"),
        ("metrics.acc < 0.2", "A"),
        ("metrics.`acc` >= 0.95", "B"),
        ("metrics.nope > 0", ""),
        ("metrics.acc > 0.6 AND params.lr = '0.1'", "A"),
        ("metrics.acc > 0.6 and tags.t LIKE '%'", "CA"),
    ],
)
def test_search_filters(shelf, condition, expected):
    assert shelf.search(condition) == expected


@pytest.mark.parametrize(
    ("condition", "datasets", "expected"),
    [
        (None, [{"dataset_name": "d2", "dataset_digest": "gd2"}], "CBA"),
        (None, [{"dataset_name": "d1", "dataset_digest": "gd1"}], "BA"),
        (None, [{"dataset_name": "d1", "dataset_digest": "other"}], ""),
        ("metrics.acc > 0.6", [{"dataset_name": "d1", "dataset_digest": "gd1"}], "A"),
        ("metrics.acc > 0.6", [{"dataset_name": "d2", "dataset_digest": "gd2"}], "CB"),
    ],
)
def test_search_can_be_narrowed_to_datasets(shelf, condition, datasets, expected):
    assert shelf.search(condition, datasets=datasets) == expected


@pytest.mark.martlet_only
def test_a_dataset_without_a_digest_stands_for_any_digest(shelf):
    # As the client documents it; mlflow server then matches only metrics without a digest.
    assert shelf.search(datasets=[{"dataset_name": "d1"}]) == "BA"
    assert shelf.search("metrics.acc > 0.6", datasets=[{"dataset_name": "d1"}]) == "A"


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ([{"field_name": "name"}], "ABCD"),
        ([{"field_name": "name", "ascending": False}], "DCBA"),
        ([{"field_name": "creation_timestamp", "ascending": True}], "ABCD"),
        ([{"field_name": "creation_time", "ascending": True}], "ABCD"),
        ([{"field_name": "last_updated_timestamp", "ascending": True}], "BCDA"),
        # The newest value counts; models without one come last in both directions.
        ([{"field_name": "metrics.acc"}], "ACBD"),
        ([{"field_name": "metrics.acc", "ascending": False}], "BCAD"),
        ([{"field_name": "metrics.acc", "ascending": False, "dataset_name": "d1"}], "ABDC"),
        ([{"field_name": "metrics.acc", "dataset_name": "d2", "dataset_digest": "gd2"}], "ACBD"),
        ([{"field_name": "metrics.nope"}, {"field_name": "name"}], "ABCD"),
    ],
    ids=str,
)
def test_search_orders(shelf, order, expected):
    assert shelf.search(order_by=order) == expected


def test_search_pages_are_disjoint_and_complete(shelf):
    first = shelf.client.search_logged_models([shelf.experiment], max_results=3)
    second = shelf.client.search_logged_models([shelf.experiment], max_results=3, page_token=first.token)
    assert [model.name for model in [*first, *second]] == ["D", "C", "B", "A"]
    assert first.token
    assert not second.token


def test_a_page_token_belongs_to_its_question(shelf):
    token = shelf.client.search_logged_models([shelf.experiment], max_results=3).token
    with pytest.raises(MlflowException) as refused:
        shelf.client.search_logged_models([shelf.experiment], "name = 'A'", max_results=3, page_token=token)
    assert refused.value.error_code == "INVALID_PARAMETER_VALUE"


@pytest.mark.parametrize(
    ("question", "message"),
    [
        ({"filter": "param.lr = '1'"}, "Invalid entity type: 'param'."),
        ({"filter": "bogus.x = '1'"}, "Invalid entity type: 'bogus'."),
        ({"filter": "name > 'A'"}, "Invalid comparison operator for attributes.name: '>'."),
        ({"filter": "name = 'A' OR name = 'B'"}, "Expected a list of comparisons separated by 'AND'"),
        ({"filter": "name"}, "Invalid filter string: 'name'."),
        ({"filter": "name = 'A'; x"}, "Expected a single SQL expression."),
        ({"order_by": [{"field_name": "bogus"}]}, "Invalid order by field name: bogus"),
        ({"order_by": [{"field_name": "params.lr"}]}, "Only metrics are supported."),
        (
            {"datasets": [{"dataset_digest": "x"}]},
            "`dataset_name` in the `datasets` clause must be specified.",
        ),
        ({"max_results": "x"}, "Invalid value \"x\" for parameter 'max_results' supplied"),
    ],
    ids=str,
)
def test_bad_searches_are_refused(server, shelf, question, message):
    reply = server.post("logged-models/search", {"experiment_ids": [shelf.experiment], **question}).expect(
        400
    )
    assert reply.error_code == "INVALID_PARAMETER_VALUE"
    assert message in reply.message


@pytest.mark.martlet_only
@pytest.mark.parametrize(
    "question",
    [
        {"filter": "bogus = '1'"},
        {"filter": "metrics.acc > 'x'"},
        {"filter": "creation_timestamp > 'x'"},
        {"order_by": [{"field_name": "tags"}]},
        {"page_token": "zz"},
        {"max_results": -1},
    ],
    ids=str,
)
def test_searches_that_break_mlflow_server_are_refused(server, shelf, question):
    reply = server.post("logged-models/search", {"experiment_ids": [shelf.experiment], **question}).expect(
        400
    )
    assert reply.error_code == "INVALID_PARAMETER_VALUE"

"""Searching runs: the filter grammar, orders with missing values and NaN, views, bad searches."""

import math

import pytest
from mlflow.entities import Dataset, DatasetInput, InputTag, Metric, Param, RunTag, ViewType
from mlflow.exceptions import MlflowException

from support import unique


class World:
    """
    Five runs A to E in one experiment. By default they are found as "EDCBA": D and E start together, and E
    gets the smaller id.
    """

    def __init__(self, client):
        self.client = client
        self.experiment = client.create_experiment(unique("world"))
        self.ids = {}
        for name, start in zip("ABC", (100, 200, 300), strict=True):
            self.make(name, start)
        last = sorted(client.create_run(self.experiment, start_time=400).info.run_id for _ in range(2))
        for name, run_id in zip("ED", last, strict=True):
            client.set_tag(run_id, "mlflow.runName", name)
            self.ids[name] = run_id
        self.names = {run_id: name for name, run_id in self.ids.items()}
        self.log("A", {"acc": 0.1, "a b": 1}, {"p": "1", "lr": "0.1"}, {"t": "x", "q.r": "1"})
        self.log("B", {"acc": math.nan}, {"p": "2"}, {"t": "X"})
        self.log("C", {"acc": math.inf}, {"p": "10"}, {"t": "xy"})
        self.log("D", {"acc": -math.inf}, {}, {})
        self.log("E", {}, {"p": "a%b_c"}, {"t": "it's"})
        client.set_terminated(self.ids["A"], "FINISHED", end_time=900)
        client.set_terminated(self.ids["B"], "FAILED", end_time=800)
        self.use("A", "ds1", "dg1", "train")
        self.use("B", "ds2", "dg2", "eval")
        self.use("B", "ds1", "dg1", None)

    def make(self, name, start):
        self.ids[name] = self.client.create_run(self.experiment, start, run_name=name).info.run_id

    def log(self, name, metrics, params, tags):
        self.client.log_batch(
            self.ids[name],
            [Metric(key, value, 1, 0) for key, value in metrics.items()],
            [Param(key, value) for key, value in params.items()],
            [RunTag(key, value) for key, value in tags.items()],
        )

    def use(self, name, dataset, digest, context):
        tags = [InputTag("mlflow.data.context", context)] if context else []
        source = Dataset(name=dataset, digest=digest, source_type="local", source="s")
        self.client.log_inputs(self.ids[name], [DatasetInput(source, tags)])

    def search(self, condition="", order=None, **more):
        text = condition.format(**self.ids)
        found = self.client.search_runs([self.experiment], text, order_by=order, **more)
        return "".join(self.names[run.info.run_id] for run in found)


@pytest.fixture(scope="module")
def world(client):
    return World(client)


METRICS = [
    ("metrics.acc > 0", "CA"),
    ("metrics.acc >= 0.1", "CA"),
    ("metrics.acc < 0.1", "D"),
    ("metrics.acc <= 0.1", "DA"),
    ("metrics.acc = 0.1", "A"),
    ("metrics.acc = 0", ""),
    ("metrics.acc != 0.1", "DCB"),
    ("metric.acc > 0", "CA"),
    ("metrics.`acc` > 0", "CA"),
    ('metrics."acc" > 0', "CA"),
    ("metrics.`a b` = 1", "A"),
    ("metrics.acc > -1e3", "CA"),
    ("metrics.acc > 1e308", "C"),
    ("metrics.acc < -1e308", "D"),
    ("metrics.acc > .05", "CA"),
    ("metrics.acc > -.5", "CA"),
    ("metrics.nope > 0", ""),
    ("metrics.nope != 0", ""),
    ("metrics.acc>0", "CA"),
]

PARAMS = [
    ("params.p = '1'", "A"),
    ('params.p = "1"', "A"),
    ("param.p = '1'", "A"),
    ("parameters.p = '1'", "A"),
    ("parameter.p = '1'", "A"),
    ("params.p != '1'", "ECB"),
    ("params.p LIKE '1%'", "CA"),
    ("params.p like '_'", "BA"),
    ("params.p LIKE 'A%'", ""),
    ("params.p ILIKE 'A%'", "E"),
    ("params.p LIKE '%b\\_%'", ""),
    ("params.p IS NULL", "D"),
    ("params.p IS NOT NULL", "ECBA"),
    ("params.p is null", "D"),
    ("params.nope != '1'", ""),
    ("params.p = ''", ""),
]

TAGS = [
    ("tags.t = 'x'", "A"),
    ("tag.t = 'x'", "A"),
    ("tags.t != 'x'", "ECB"),
    ("tags.t LIKE 'x%'", "CA"),
    ("tags.t ILIKE 'x%'", "CBA"),
    ('tags.t = "it\'s"', "E"),
    ("tags.t IS NULL", "D"),
    ("tags.t IS NOT NULL", "ECBA"),
    ("tags.`q.r` = '1'", "A"),
    ("tags.\"q.r\" = '1'", "A"),
    ("tags.q.r = '1'", "A"),
    ("tags.mlflow.runName = 'A'", "A"),
    ("tags.`mlflow.runName` = 'A'", "A"),
]

ATTRIBUTES = [
    ("status = 'FINISHED'", "A"),
    ("attributes.status = 'FINISHED'", "A"),
    ("attribute.status != 'FINISHED'", "EDCB"),
    ("attr.status = 'finished'", ""),
    ("run.status LIKE 'F%'", "BA"),
    ("attributes.status ILIKE 'f%'", "BA"),
    ('status = "RUNNING"', "EDC"),
    ("run_name = 'A'", "A"),
    ("run_name LIKE 'a'", ""),
    ("run_name ILIKE 'a'", "A"),
    ("run_name != 'A'", "EDCB"),
    ("attributes.`run name` = 'A'", "A"),
    ("attributes.`Run name` = 'A'", "A"),
    ("attributes.`Run Name` = 'A'", "A"),
    ("start_time > 200", "EDC"),
    ("start_time = 200", "B"),
    ("start_time != 200", "EDCA"),
    ("attributes.created > 200", "EDC"),
    ("Created < 250", "BA"),
    ("end_time < 1000", "BA"),
    ("end_time != 900", "B"),
    ("artifact_uri LIKE 'mlflow-artifacts:/%'", "EDCBA"),
    ("artifact_uri LIKE '%{A}/artifacts'", "A"),
    ("user_id = 'nobody'", ""),
    ("run_id = '{A}'", "A"),
    ("run_id != '{A}'", "EDCB"),
    ("run_id IN ('{A}')", "A"),
    ("run_id IN ('{A}', '{C}')", "CA"),
    ("run_id in ('{A}','{C}',)", "CA"),
    ('attributes.run_id IN ("{A}", "{B}")', "BA"),
    ("run_id NOT IN ('{A}', '{C}')", "EDB"),
    ("run_id not in ('{A}')", "EDCB"),
    ("run_id IN ('nobody')", ""),
]

DATASETS = [
    ("datasets.name = 'ds1'", "BA"),
    ("dataset.name = 'ds2'", "B"),
    ("datasets.digest = 'dg2'", "B"),
    ("datasets.context = 'train'", "A"),
    ("datasets.context != 'train'", "B"),
    ("datasets.name LIKE 'ds%'", "BA"),
    ("datasets.name ILIKE 'DS2'", "B"),
    ("datasets.name IN ('ds1', 'ds2')", "BA"),
    ("datasets.name NOT IN ('ds1')", "B"),
    ("datasets.digest IN ('dg2')", "B"),
    ("datasets.context IN ('eval', 'other')", "B"),
    ("datasets.name = 'ds1' AND datasets.context = 'eval'", "B"),
]

COMBINATIONS = [
    ("", "EDCBA"),
    ("metrics.acc > 0 AND params.p = '1'", "A"),
    ("metrics.acc > 0 and params.p LIKE '1%' And tags.t = 'xy'", "C"),
    ("  metrics.acc>0   AND  metrics.acc<1  ", "A"),
    ("params.p = '1' AND params.p = '1'", "A"),
    ("params.p = '1' AND params.p = '2'", ""),
    ("params.p != '1' AND params.p != '2'", "EC"),
    ("tags.t IS NOT NULL AND params.p LIKE '%0'", "C"),
    ("datasets.name = 'ds1' AND status = 'FAILED' AND start_time > 100", "B"),
    ("run_id IN ('{A}', '{B}', '{C}') AND metrics.acc > 0", "CA"),
]


@pytest.mark.parametrize(
    ("condition", "expected"), METRICS + PARAMS + TAGS + ATTRIBUTES + DATASETS + COMBINATIONS
)
def test_filters(world, condition, expected):
    assert world.search(condition) == expected


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        # Missing values come last in both directions; NaN comes before them and after all numbers.
        ("metrics.acc", "DACBE"),
        ("metrics.acc ASC", "DACBE"),
        ("metrics.acc DESC", "CADBE"),
        ("metrics.acc desc", "CADBE"),
        ("metrics.`a b` DESC", "AEDCB"),
        ('metrics."a b"', "AEDCB"),
        ("metrics.nope", "EDCBA"),
        ("params.p", "ACBED"),
        ("params.p DESC", "EBCAD"),
        ("tags.t", "BEACD"),
        ("tags.t DESC", "CAEBD"),
        ("tags.`q.r`", "AEDCB"),
        ("tags.`mlflow.runName` DESC", "EDCBA"),
        ("start_time", "ABCED"),
        ("attributes.start_time DESC", "EDCBA"),
        ("created ASC", "ABCED"),
        ("attributes.Created DESC", "EDCBA"),
        ("end_time", "BAEDC"),
        ("end_time DESC", "ABEDC"),
        ("status", "BAEDC"),
        ("status DESC", "EDCAB"),
        ("run_name", "ABCDE"),
        ("attributes.run_name DESC", "EDCBA"),
    ],
)
def test_orders(world, order, expected):
    assert world.search(order=[order]) == expected


@pytest.mark.parametrize("key", ["run_id", "artifact_uri", "attributes.run_id"])
def test_runs_can_be_ordered_by_id(world, key):
    ascending = "".join(world.names[run_id] for run_id in sorted(world.names))
    assert world.search(order=[key]) == ascending
    assert world.search(order=[f"{key} DESC"]) == ascending[::-1]


def test_a_second_order_breaks_the_ties_of_the_first(world):
    assert world.search(order=["status ASC", "start_time ASC"]) == "BACED"
    assert world.search(order=["start_time DESC", "run_name ASC"]) == "DECBA"
    assert world.search(order=["status DESC", "metrics.acc DESC", "run_name"]) == "CDEAB"


def test_all_ties_are_broken_by_start_then_id(world):
    assert world.search(order=["params.nope DESC"]) == "EDCBA"
    assert world.search("start_time = 400") == "ED"


def test_filters_and_orders_combine(world):
    assert world.search("params.p IS NOT NULL AND start_time < 400", ["params.p DESC"]) == "BCA"


def test_views_select_by_lifecycle(client):
    experiment = client.create_experiment(unique("views"))
    kept, gone = (client.create_run(experiment, start_time=start).info.run_id for start in (1, 2))
    client.delete_run(gone)
    for view, expected in [
        (ViewType.ACTIVE_ONLY, [kept]),
        (ViewType.DELETED_ONLY, [gone]),
        (ViewType.ALL, [gone, kept]),
    ]:
        assert [run.info.run_id for run in client.search_runs([experiment], run_view_type=view)] == expected


def test_several_experiments_are_searched_together(client, world):
    other = client.create_experiment(unique("other"))
    run_id = client.create_run(other, start_time=250).info.run_id
    found = [run.info.run_id for run in client.search_runs([other, world.experiment])]
    assert found == [world.ids["E"], world.ids["D"], world.ids["C"], run_id, world.ids["B"], world.ids["A"]]


def test_unknown_or_no_experiments_hold_no_runs(server, client):
    assert client.search_runs(["987654321"]) == []
    assert server.post("runs/search", {"experiment_ids": []}).expect().json == {}


BAD_FILTERS = [
    ("metrics.acc = '0.1'", "Expected numeric value type for metric. Found '0.1'"),
    ("metrics.acc > abc", "Expected numeric value type for metric. Found abc"),
    ("metrics.acc LIKE '0'", "Expected numeric value type for metric. Found '0'"),
    (
        "metrics.acc IS NULL",
        "IS NULL / IS NOT NULL is only supported for tags and params, not for 'metric' 'acc'",
    ),
    ("params.p = 1", "Expected a quoted string value for parameter (e.g. 'my-value'). Got value 1"),
    ("params.p > '1'", "Invalid comparator '>' not one of"),
    ("params.p == '1'", "Invalid comparator '==' not one of"),
    ("params.p <> '1'", "Invalid comparator '<>' not one of"),
    ("params.p IN ('1', '2')", "Expected a quoted string value for parameter"),
    ("tags.t IN ('x')", "Expected a quoted string value for tag"),
    (
        "tags.t = x",
        "Parameter value is either not quoted or unidentified quote types used for string value x.",
    ),
    ("tags.t = `x`", "Parameter value is either not quoted or unidentified quote types"),
    (
        "status IN ('FINISHED')",
        "Only ['run_id'] attributes support comparison with a list of quoted string values.",
    ),
    ("run_name NOT IN ('A')", "Only ['run_id'] attributes support comparison with a list"),
    ("attributes.end_time IS NULL", "IS NULL / IS NOT NULL is only supported for tags and params"),
    ("start_time = '200'", "Expected numeric value type for numeric attribute: start_time. Found '200'"),
    ("start_time IN (200)", "Expected numeric value type for numeric attribute: start_time."),
    ("lifecycle_stage = 'active'", "Invalid attribute key 'lifecycle_stage' specified. Valid keys are"),
    ("run_uuid = 'x'", "Invalid attribute key 'run_uuid' specified."),
    ("acc > 0", "Invalid attribute key 'acc' specified."),
    (
        "bogus.x = '1'",
        "Invalid entity type 'bogus'. Valid values are ['metric', 'parameter', 'tag', 'attribute',",
    ),
    ("METRICS.acc > 0", "Invalid entity type 'METRICS'."),
    ("datasets.source = 'x'", "Invalid dataset key 'source' specified."),
    ("datasets.name > 'a'", "Invalid comparator '>'"),
    ("datasets.name = 1", "Expected a quoted string value for dataset attributes. Got value 1"),
    ("run_id IN ()", "expected a non-empty list of string values, but got empty list"),
    ("run_id IN (1)", "but got different type in list: (1,)"),
    ("run_id IN 'x'", "Invalid clause(s) in filter string"),
    ("metrics.acc > 0 OR params.p = '1'", "Invalid clause(s) in filter string: 'OR'"),
    ("NOT metrics.acc > 0", "Invalid clause(s) in filter string: 'NOT'"),
    ("(metrics.acc > 0)", "Invalid clause(s) in filter string: '(metrics.acc > 0)'"),
    ("metrics.acc > 0;", "Invalid clause(s) in filter string: ';'"),
    ("metrics.acc > 0; params.p = '1'", "Search filter contained multiple expression"),
    ("metrics.acc", "Invalid clause(s) in filter string: 'metrics.acc'"),
    ("metrics.acc >", "Invalid clause(s) in filter string: 'metrics.acc', '>'"),
    ("> 0", "Invalid clause(s) in filter string: '>', '0'"),
    ("metrics.acc > 0 -- x", "Invalid clause(s) in filter string"),
    ("params.p = '1", "Invalid clause(s) in filter string"),
    ("params.`p = '1'", "Invalid clause(s) in filter string"),
    ("metrics.acc BETWEEN 0 AND 1", "Invalid clause(s) in filter string"),
    ("1 = 1", "Invalid comparison clause. Expected 'Identifier' found '1'"),
    ("select * from runs", "Invalid clause(s) in filter string"),
    (" ", "Invalid filter ' '. Could not be parsed."),
]


@pytest.mark.parametrize(("condition", "message"), BAD_FILTERS)
def test_a_bad_filter_is_refused(client, world, condition, message):
    with pytest.raises(MlflowException) as refused:
        client.search_runs([world.experiment], condition)
    assert refused.value.error_code == "INVALID_PARAMETER_VALUE"
    assert message in refused.value.message


@pytest.mark.parametrize(
    ("order", "message"),
    [
        ("acc", "Invalid attribute key 'acc' specified. Valid keys are"),
        ("lifecycle_stage", "Invalid attribute key 'lifecycle_stage' specified."),
        ("metrics.acc SIDEWAYS", "Invalid ordering key in order_by clause 'metrics.acc SIDEWAYS'."),
        ("metrics.acc ASC DESC", "Invalid order_by clause 'metrics.acc ASC DESC'. Could not be parsed."),
        ("metrics.acc, params.p", "Invalid order_by clause 'metrics.acc, params.p'. Could not be parsed."),
        ("bogus.x", "Invalid entity type 'bogus'."),
        ("datasets.name", "Invalid identifier type 'dataset'"),
        ("", "Invalid order_by clause ''. Could not be parsed."),
    ],
)
def test_a_bad_order_is_refused(client, world, order, message):
    with pytest.raises(MlflowException) as refused:
        client.search_runs([world.experiment], order_by=[order])
    assert refused.value.error_code == "INVALID_PARAMETER_VALUE"
    assert message in refused.value.message


@pytest.mark.martlet_only
def test_an_order_that_names_a_key_twice_is_refused(client, world):
    with pytest.raises(MlflowException, match="`order_by` contains duplicate fields") as refused:
        client.search_runs([world.experiment], order_by=["metrics.acc", "metrics.acc DESC"])
    assert refused.value.error_code == "INVALID_PARAMETER_VALUE"


# Pages that cannot be had


@pytest.mark.parametrize("max_results", [0, -1, 50001])
def test_a_page_has_between_1_and_50000_runs(server, world, max_results):
    body = {"experiment_ids": [world.experiment], "max_results": max_results}
    reply = server.post("runs/search", body).expect(400)
    assert reply.error_code == "INVALID_PARAMETER_VALUE"
    assert f"Invalid value {max_results} for parameter 'max_results' supplied" in reply.message


@pytest.mark.parametrize("token", ["zz", "bm90IGEgdG9rZW4=", "e30="])
def test_a_bad_page_token_is_refused(client, world, token):
    with pytest.raises(MlflowException, match="Invalid page token") as refused:
        client.search_runs([world.experiment], page_token=token)
    assert refused.value.error_code == "INVALID_PARAMETER_VALUE"

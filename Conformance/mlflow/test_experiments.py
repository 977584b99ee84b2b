"""Experiments: life, names, tags, search."""

import mlflow
import pytest
from mlflow.entities import ViewType
from mlflow.exceptions import MlflowException

from support import unique


def test_the_default_experiment_is_there_from_the_start(client):
    default = client.get_experiment("0")
    assert (default.name, default.lifecycle_stage) == ("Default", "active")
    assert default.artifact_location == "mlflow-artifacts:/0"


def test_an_experiment_is_found_by_id_and_by_name(client):
    name = unique("found")
    experiment_id = client.create_experiment(name, tags={"team": "red", "empty": ""})
    for found in (client.get_experiment(experiment_id), client.get_experiment_by_name(name)):
        assert (found.experiment_id, found.name) == (experiment_id, name)
        assert found.tags == {"team": "red", "empty": ""}
        assert found.lifecycle_stage == "active"
        assert found.creation_time == found.last_update_time


def test_ids_are_ascending_numbers(client):
    first, second = (int(client.create_experiment(unique("ids"))) for _ in range(2))
    assert 0 < first < second


def test_artifacts_live_under_the_experiment_and_are_proxied(client, experiment):
    root = client.get_experiment(experiment).artifact_location
    assert root == f"mlflow-artifacts:/{experiment}"


def test_an_own_artifact_location_is_kept(client):
    experiment_id = client.create_experiment(unique("located"), artifact_location="s3://bucket/prefix")
    assert client.get_experiment(experiment_id).artifact_location == "s3://bucket/prefix"


def test_an_artifact_location_cannot_be_a_runs_uri(client):
    with pytest.raises(MlflowException, match="Artifact location cannot be a runs:/ URI") as refused:
        client.create_experiment(unique("located"), artifact_location="runs:/abc")
    assert refused.value.error_code == "INVALID_PARAMETER_VALUE"


@pytest.mark.parametrize(
    "name", ["with space", "slash/and\\back", "\u00fcnicode \u65e5\u672c", "a'b\"c`d", "50%_"]
)
def test_any_text_is_a_name(client, name):
    name = unique(name)
    experiment_id = client.create_experiment(name)
    assert client.get_experiment_by_name(name).experiment_id == experiment_id


def test_a_name_has_at_most_500_characters(client):
    longest = unique("n").ljust(500, "x")
    assert client.get_experiment(client.create_experiment(longest)).name == longest
    with pytest.raises(
        MlflowException, match="'name' exceeds the maximum length of 500 characters"
    ) as refused:
        client.create_experiment(longest + "x")
    assert refused.value.error_code == "INVALID_PARAMETER_VALUE"


def test_a_name_is_taken_once(client):
    name = unique("taken")
    client.create_experiment(name)
    with pytest.raises(MlflowException) as refused:
        client.create_experiment(name)
    assert refused.value.error_code == "RESOURCE_ALREADY_EXISTS"
    assert f"Experiment(name={name}) already exists." in refused.value.message


def test_the_name_of_a_deleted_experiment_stays_taken(client):
    name = unique("ghost")
    experiment_id = client.create_experiment(name)
    client.delete_experiment(experiment_id)
    with pytest.raises(MlflowException) as refused:
        client.create_experiment(name)
    assert refused.value.error_code == "RESOURCE_ALREADY_EXISTS"
    with pytest.raises(MlflowException, match="Cannot set a deleted experiment"):
        mlflow.set_experiment(name)


def test_unknown_experiments_are_not_found(client):
    with pytest.raises(MlflowException, match="No Experiment with id=987654321 exists") as missing:
        client.get_experiment("987654321")
    assert missing.value.error_code == "RESOURCE_DOES_NOT_EXIST"
    assert client.get_experiment_by_name(unique("nobody")) is None


def test_a_rename_keeps_the_id_and_moves_the_update_time(client, experiment):
    before = client.get_experiment(experiment)
    name = unique("renamed")
    client.rename_experiment(experiment, name)
    after = client.get_experiment(experiment)
    assert after.name == name
    assert after.creation_time == before.creation_time
    assert after.last_update_time >= before.last_update_time
    assert client.get_experiment_by_name(before.name) is None


def test_a_rename_to_a_taken_name_is_refused(server, client, experiment):
    taken = unique("taken")
    client.create_experiment(taken)
    reply = server.post("experiments/update", {"experiment_id": experiment, "new_name": taken})
    assert reply.expect(400).error_code in ("RESOURCE_ALREADY_EXISTS", "BAD_REQUEST")
    assert client.get_experiment(experiment).name != taken


def test_a_deleted_experiment_cannot_be_renamed(server, client, experiment):
    client.delete_experiment(experiment)
    reply = server.post("experiments/update", {"experiment_id": experiment, "new_name": unique("x")})
    # mlflow server says 500; a client error is 400.
    assert reply.status == (400 if server.is_martlet else 500)
    assert reply.message == "Cannot rename a non-active experiment."


def test_deleting_hides_an_experiment_and_its_runs_until_it_is_restored(client, experiment, run):
    client.delete_experiment(experiment)
    assert client.get_experiment(experiment).lifecycle_stage == "deleted"
    assert client.get_run(run).info.lifecycle_stage == "deleted"
    assert client.search_runs([experiment]) == []
    with pytest.raises(MlflowException, match="must be in the 'active' state. Current state is deleted"):
        client.create_run(experiment)

    client.restore_experiment(experiment)
    assert client.get_experiment(experiment).lifecycle_stage == "active"
    assert [found.info.run_id for found in client.search_runs([experiment])] == [run]


def test_only_what_is_active_is_deleted_and_only_what_is_deleted_restored(client, experiment):
    with pytest.raises(MlflowException, match=f"No Experiment with id={experiment} exists") as refused:
        client.restore_experiment(experiment)
    assert refused.value.error_code == "RESOURCE_DOES_NOT_EXIST"
    client.delete_experiment(experiment)
    with pytest.raises(MlflowException, match=f"No Experiment with id={experiment} exists") as refused:
        client.delete_experiment(experiment)
    assert refused.value.error_code == "RESOURCE_DOES_NOT_EXIST"


def test_a_tag_is_set_overwritten_and_deleted(server, client, experiment):
    client.set_experiment_tag(experiment, "stage", "draft")
    client.set_experiment_tag(experiment, "stage", "final")
    client.set_experiment_tag(experiment, "number", 5)
    assert client.get_experiment(experiment).tags == {"stage": "final", "number": "5"}
    server.post("experiments/delete-experiment-tag", {"experiment_id": experiment, "key": "stage"}).expect()
    assert client.get_experiment(experiment).tags == {"number": "5"}


def test_deleting_a_missing_tag_is_an_error(server, experiment):
    reply = server.post(
        "experiments/delete-experiment-tag", {"experiment_id": experiment, "key": "nope"}
    ).expect(404)
    assert reply.error_code == "RESOURCE_DOES_NOT_EXIST"
    assert reply.message == f"No tag with name: nope in experiment with id {experiment}"


def test_a_deleted_experiment_takes_no_tags(client, experiment):
    client.delete_experiment(experiment)
    with pytest.raises(
        MlflowException, match=f"The experiment {experiment} must be in the 'active' state"
    ) as refused:
        client.set_experiment_tag(experiment, "k", "v")
    assert refused.value.error_code == "INVALID_PARAMETER_VALUE"


def test_tag_keys_and_values_have_limits(client, experiment):
    client.set_experiment_tag(experiment, "k" * 250, "v" * 20000)
    assert client.get_experiment(experiment).tags["k" * 250] == "v" * 20000
    with pytest.raises(MlflowException, match="'key' exceeds the maximum length of 250 characters"):
        client.set_experiment_tag(experiment, "k" * 251, "v")
    with pytest.raises(MlflowException, match="'value' exceeds the maximum length of 20000 characters"):
        client.set_experiment_tag(experiment, "k", "v" * 20001)


@pytest.fixture(scope="module")
def family(client):
    """Three experiments whose names share a prefix: alpha, Beta and gamma (youngest), and a deleted one."""
    prefix = unique("family")
    ids = {
        "alpha": client.create_experiment(f"{prefix}-alpha", tags={"colour": "red", "a.b": "1"}),
        "Beta": client.create_experiment(f"{prefix}-Beta", tags={"colour": "Red"}),
        "gamma": client.create_experiment(f"{prefix}-gamma"),
        "gone": client.create_experiment(f"{prefix}-gone"),
    }
    client.delete_experiment(ids["gone"])
    return prefix, ids


def short_names(prefix, experiments):
    return [found.name.removeprefix(f"{prefix}-") for found in experiments if found.name.startswith(prefix)]


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("name = '{p}-alpha'", {"alpha"}),
        ('name = "{p}-alpha"', {"alpha"}),
        ("attribute.name = '{p}-alpha'", {"alpha"}),
        ("name != '{p}-alpha'", {"Beta", "gamma"}),
        ("name LIKE '{p}-%a'", {"alpha", "Beta", "gamma"}),
        ("name LIKE '{p}-b%'", set()),
        ("name ILIKE '{p}-b%'", {"Beta"}),
        ("name LIKE '{p}-_eta'", {"Beta"}),
        ("tags.colour = 'red'", {"alpha"}),
        ("tag.colour = 'red'", {"alpha"}),
        ("tags.colour != 'red'", {"Beta"}),
        ("tags.colour ILIKE 'r%'", {"alpha", "Beta"}),
        ("tags.colour LIKE 'r%'", {"alpha"}),
        ("tags.`a.b` = '1'", {"alpha"}),
        ("tags.colour ILIKE 'red' AND name LIKE '%a'", {"alpha", "Beta"}),
        ("tags.colour ILIKE 'red' and name LIKE '%alpha'", {"alpha"}),
        ("creation_time > 0 AND name LIKE '{p}-%'", {"alpha", "Beta", "gamma"}),
        ("creation_time <= 0", set()),
        ("last_update_time >= 1 AND name = '{p}-Beta'", {"Beta"}),
    ],
)
def test_search_filters(client, family, condition, expected):
    prefix, _ = family
    found = client.search_experiments(filter_string=condition.format(p=prefix))
    assert set(short_names(prefix, found)) == expected


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("tags.colour IS NULL", {"gamma"}),
        ("tags.colour IS NOT NULL", {"alpha", "Beta"}),
        ("experiment_id = '{alpha}'", {"alpha"}),
        ("experiment_id IN ('{alpha}', '{gamma}')", {"alpha", "gamma"}),
        ("experiment_id NOT IN ('{alpha}')", {"Beta", "gamma"}),
    ],
)
def test_newer_search_filters(client, family, condition, expected):
    prefix, ids = family
    found = client.search_experiments(filter_string=condition.format(p=prefix, **ids))
    assert set(short_names(prefix, found)) == expected


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (None, ["gamma", "Beta", "alpha"]),
        (["name"], ["Beta", "alpha", "gamma"]),
        (["name DESC"], ["gamma", "alpha", "Beta"]),
        (["experiment_id ASC"], ["alpha", "Beta", "gamma"]),
        (["attribute.experiment_id desc"], ["gamma", "Beta", "alpha"]),
        (["creation_time ASC", "experiment_id ASC"], ["alpha", "Beta", "gamma"]),
        (["last_update_time DESC", "experiment_id DESC"], ["gamma", "Beta", "alpha"]),
    ],
)
def test_search_orders(client, family, order, expected):
    prefix, ids = family
    found = client.search_experiments(filter_string=f"name LIKE '{prefix}-%'", order_by=order)
    names = short_names(prefix, found)
    if order is None:
        # Same millisecond: creation_time ties are broken by ascending id.
        times = [experiment.creation_time for experiment in found]
        assert times == sorted(times, reverse=True)
        names.sort(key=lambda name: -int(ids[name]))
    assert names == expected


@pytest.mark.parametrize(
    ("view", "expected"),
    [
        (ViewType.ACTIVE_ONLY, {"alpha", "Beta", "gamma"}),
        (ViewType.DELETED_ONLY, {"gone"}),
        (ViewType.ALL, {"alpha", "Beta", "gamma", "gone"}),
    ],
)
def test_search_views(client, family, view, expected):
    prefix, _ = family
    found = client.search_experiments(view_type=view, filter_string=f"name LIKE '{prefix}-%'")
    assert set(short_names(prefix, found)) == expected


def test_search_pages_are_disjoint_and_complete(client, family):
    prefix, _ = family
    condition = {"filter_string": f"name LIKE '{prefix}-%'", "order_by": ["name ASC"], "max_results": 2}
    first = client.search_experiments(**condition)
    second = client.search_experiments(**condition, page_token=first.token)
    assert short_names(prefix, first) == ["Beta", "alpha"]
    assert short_names(prefix, second) == ["gamma"]
    assert not second.token


def test_search_can_be_asked_for_by_get(server, family):
    prefix, ids = family
    question = {"max_results": 2, "filter": f"name LIKE '{prefix}-%'", "order_by": ["name DESC"]}
    answer = server.get("experiments/search", **question, view_type="ALL").expect().json
    assert [found["experiment_id"] for found in answer["experiments"]] == [ids["gone"], ids["gamma"]]
    assert answer["next_page_token"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"filter_string": "name > 'a'"}, "Invalid comparator"),
        ({"filter_string": "bogus = 'a'"}, "Invalid attribute key 'bogus' specified"),
        ({"filter_string": "metrics.a = 1"}, "Invalid entity type 'metrics'"),
        ({"filter_string": "name = 'a' OR name = 'b'"}, r"Invalid clause\(s\) in filter string: '?OR"),
        ({"filter_string": "name"}, r"Invalid clause\(s\) in filter string: '?name"),
        ({"order_by": ["bogus"]}, "Invalid attribute key 'bogus' specified"),
        ({"order_by": ["name SIDEWAYS"]}, "Invalid ordering key in order_by clause 'name SIDEWAYS'"),
        ({"order_by": ["tags.colour"]}, "Invalid order_by entity: tag"),
        ({"max_results": 0}, "Invalid value 0 for parameter 'max_results' supplied"),
        ({"max_results": 50001}, "It must be at most 50000"),
        ({"page_token": "zz"}, "Invalid page token"),
    ],
)
def test_bad_searches_are_refused(client, arguments, message):
    with pytest.raises(MlflowException, match=message) as refused:
        client.search_experiments(**arguments)
    assert refused.value.error_code == "INVALID_PARAMETER_VALUE"

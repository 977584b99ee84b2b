"""Deployments: which versions serve where, who may change it, and how one goes back."""

import pytest

from backends import Backend
from registry import problem
from support import unique

URL = Backend("anybody").url


def arm(model, version, **fields):
    return {"model": model, "version": str(version), "url": URL, **fields}


def deploy(registry, deployment, status=201, headers=None, **change):
    return (
        registry.request("POST", f"/deployments/{deployment}/revisions", change, headers=headers)
        .expect(status)
        .json
    )


def rollback(registry, deployment, status=200, **fields):
    return registry.request("POST", f"/deployments/{deployment}/rollback", fields).expect(status).json


def shares(deployment):
    return {arm["version"]: (arm["role"], arm["partsPerMillion"]) for arm in deployment["revision"]["arms"]}


# What serves


def test_a_name_is_settled_once_and_the_digest_stays(registry, served, deployment):
    registry.put(f"/models/{served}/aliases/champion", {"version": "1"})
    deployed = deploy(registry, deployment, release=arm(served, "champion"))
    version = registry.version(served, 1)
    serving = deployed["revision"]["arms"][0]
    assert (serving["version"], serving["digest"]) == (1, version["digest"])
    assert serving["name"] == f"{served}@{version['semanticVersion']}"
    registry.put(f"/models/{served}/aliases/champion", {"version": "2"})
    assert registry.get(f"/deployments/{deployment}")["revision"] == deployed["revision"]
    entry = registry.entries()[-2]
    assert (entry["action"], entry["asked"]) == ("deployment.revise", [f"{served}@champion"])


@pytest.mark.parametrize("version", ["latest", "staging", "^1", "2"])
def test_no_name_that_moves_is_kept(registry, served, deployment, version):
    deployed = deploy(registry, deployment, release=arm(served, version))
    serving = deployed["revision"]["arms"][0]
    assert serving["digest"] == registry.version(served, serving["version"])["digest"]
    assert version == str(serving["version"]) or version not in str(serving)


def test_a_canary_takes_its_share_from_the_primary_version(registry, served, deployment):
    deploy(registry, deployment, release=arm(served, 1))
    deployed = deploy(registry, deployment, add=arm(served, 2, role="canary", partsPerMillion=100_000))
    assert shares(deployed) == {1: ("primary", 900_000), 2: ("canary", 100_000)}
    canary = deployed["revision"]["arms"][1]["name"]
    deployed = deploy(registry, deployment, shares={canary: 500_000})
    assert shares(deployed) == {1: ("primary", 500_000), 2: ("canary", 500_000)}
    deployed = deploy(registry, deployment, promote=canary)
    assert shares(deployed) == {2: ("primary", 1_000_000)}


def test_a_shadow_takes_no_share_and_stays_when_another_version_is_released(registry, served, deployment):
    deploy(registry, deployment, release=arm(served, 1))
    deploy(registry, deployment, add=arm(served, 2, role="shadow", partsPerMillion=250_000))
    deployed = deploy(registry, deployment, release=arm(served, 3))
    assert shares(deployed) == {3: ("primary", 1_000_000), 2: ("shadow", 250_000)}


def test_an_arm_that_is_removed_gives_its_share_back(registry, served, deployment):
    deploy(registry, deployment, release=arm(served, 1))
    added = deploy(registry, deployment, add=arm(served, 2, role="challenger", partsPerMillion=400_000))
    deployed = deploy(registry, deployment, remove=added["revision"]["arms"][1]["name"])
    assert shares(deployed) == {1: ("primary", 1_000_000)}


def test_every_change_is_a_revision_that_stays_and_an_entry_of_the_ledger(registry, served, deployment):
    deploy(registry, deployment, release=arm(served, 1), reason="first")
    deploy(registry.as_actor("mo"), deployment, release=arm(served, 2), settings={"decisions": "strict"})
    deploy(registry, deployment, settings={"subject": {"header": "X-User"}})
    revisions = registry.get(f"/deployments/{deployment}/revisions")["revisions"]
    assert [(r["number"], r["cause"], r["actor"], r.get("reason")) for r in revisions] == [
        (3, "settings", "ann", None), (2, "deploy", "mo", None), (1, "deploy", "ann", "first"),
    ]  # fmt: skip
    assert [r["settings"]["decisions"] for r in revisions] == ["strict", "strict", "relaxed"]
    assert revisions[0]["settings"]["subject"] == {"header": "x-user"}
    assert registry.get(f"/deployments/{deployment}/revisions/2") == revisions[1]
    for revision in revisions:
        entry = registry.entries(revision["ledgerEntry"])[0]
        assert (entry["deployment"], entry["revision"]) == (deployment, revision["number"])
        assert [a["digest"] for a in entry["arms"]] == [a["digest"] for a in revision["arms"]]


def test_arms_and_settings_that_change_together_are_one_revision(registry, served, deployment):
    deploy(registry, deployment, release=arm(served, 1))
    canary = deploy(registry, deployment, add=arm(served, 2, role="canary", partsPerMillion=10_000))
    name = canary["revision"]["arms"][1]["name"]
    condition = "error rate over 2% for 5m on 150 requests: roll back"
    entries = registry.ledger_size()
    changed = deploy(registry, deployment, promote=name, settings={"conditions": [condition]})
    assert changed["revision"]["number"] == canary["revision"]["number"] + 1
    assert shares(changed) == {2: ("primary", 1_000_000)}
    assert changed["revision"]["settings"]["conditions"] == [condition]
    assert registry.ledger_size() == entries + 1


@pytest.mark.parametrize("field", [{"role": "shadow"}, {"role": "canary"}, {"partsPerMillion": 10_000}])
def test_what_takes_over_cannot_have_another_role_or_a_part_of_the_requests(registry, served, deployment, field):
    path = f"/deployments/{deployment}/revisions"
    deploy(registry, deployment, release=arm(served, 1))
    reason = registry.refused("POST", path, {"release": arm(served, 2, **field)}, status=400, code="invalid")
    assert "'add'" in reason
    assert shares(registry.get(f"/deployments/{deployment}")) == {1: ("primary", 1_000_000)}


@pytest.mark.parametrize(
    ("primary", "canary"), [(500_000, None), (500_000, 100_000), (900_000, 500_000), (123, 123), (0, 0)]
)
def test_shares_that_do_not_come_to_all_requests_are_refused(registry, served, deployment, primary, canary):
    deploy(registry, deployment, release=arm(served, 1))
    added = deploy(registry, deployment, add=arm(served, 2, role="canary", partsPerMillion=100_000))
    names = [each["name"] for each in added["revision"]["arms"]]
    wanted = {name: share for name, share in zip(names, (primary, canary), strict=True) if share is not None}
    path = f"/deployments/{deployment}/revisions"
    assert names[0] in registry.refused("POST", path, {"shares": wanted}, status=400, code="invalid")
    deploy(registry, deployment, shares={names[0]: 600_000, names[1]: 400_000})


def test_who_names_an_arm_that_is_not_there_learns_which_are(registry, served, deployment):
    deploy(registry, deployment, release=arm(served, 1))
    path = f"/deployments/{deployment}/revisions"
    reason = registry.refused("POST", path, {"promote": "nobody"}, status=400, code="invalid")
    assert reason.endswith(f"no arm 'nobody'; there is '{served}@1.0.0'.")


@pytest.mark.parametrize("change", [{}, {"reason": "none"}, {"shares": {}}, {"settings": None}])
def test_a_change_that_changes_nothing_is_refused(registry, served, deployment, change):
    deploy(registry, deployment, release=arm(served, 1))
    registry.refused("POST", f"/deployments/{deployment}/revisions", change, status=400, code="invalid")
    assert registry.get(f"/deployments/{deployment}")["revision"]["number"] == 1


@pytest.mark.parametrize(
    "body",
    [
        '{"settings": {"timeoutMs": 1000}, "settings": {"timeoutMs": 2000}}',
        '{"settings": {"timeoutMs": 1000, "timeoutM\\u0073": 2000}}',
        '{"shares": {"a": 1000000, "a": 0}}',
    ],
)
def test_what_is_said_twice_is_refused(registry, served, deployment, body):
    deploy(registry, deployment, release=arm(served, 1))
    path = f"/api/martlet/v1/deployments/{deployment}/revisions"
    reply = registry.server.request("POST", path, raw=body.encode(), headers={"Content-Type": "application/json"})
    assert "twice" in reply.expect(400).json["detail"]


def test_the_subject_can_be_cleared(registry, served, deployment):
    deploy(registry, deployment, release=arm(served, 1), settings={"subject": {"member": ["user", "id"]}})
    deployed = deploy(registry, deployment, settings={"subject": None})
    assert "subject" not in deployed["revision"]["settings"]


def test_deployments_and_revisions_are_listed_page_by_page(registry, served):
    names = sorted(unique("page").lower() for _ in range(3))
    for name in names:
        deploy(registry, name, release=arm(served, 1))
    found, token = [], None
    while True:
        page = registry.get("/deployments", limit=2, **({"pageToken": token} if token else {}))
        assert len(page["deployments"]) <= 2
        found += page["deployments"]
        if not (token := page.get("nextPageToken")):
            break
    assert [d["name"] for d in found if d["name"] in names] == names
    for deployment in found:
        alone = registry.get(f"/deployments/{deployment['name']}")["revision"]
        assert (deployment["revision"]["number"], deployment["revision"]["arms"]) == (
            alone["number"],
            alone["arms"],
        )
    for version in (2, 3):
        deploy(registry, names[0], release=arm(served, version))
    page = registry.get(f"/deployments/{names[0]}/revisions", limit=2)
    rest = registry.get(f"/deployments/{names[0]}/revisions", limit=2, pageToken=page["nextPageToken"])
    revisions = page["revisions"] + rest["revisions"]
    assert [r["number"] for r in revisions] == [3, 2, 1]
    assert all(r == registry.get(f"/deployments/{names[0]}/revisions/{r['number']}") for r in revisions)


# Going back


def test_a_rollback_undoes_all_steps_of_the_version_that_came_last(registry, served, deployment):
    deploy(registry, deployment, release=arm(served, 1))
    added = deploy(registry, deployment, add=arm(served, 2, role="canary", partsPerMillion=10_000))
    canary = added["revision"]["arms"][1]["name"]
    deploy(registry, deployment, shares={canary: 500_000})
    deploy(registry, deployment, promote=canary)
    back = rollback(registry, deployment, reason="it answers in French")
    assert shares(back) == {1: ("primary", 1_000_000)}
    revision = back["revision"]
    assert (revision["cause"], revision["restores"], revision["reason"]) == (
        "rollback",
        1,
        "it answers in French",
    )
    assert registry.entries()[-1]["action"] == "deployment.rollback"


def test_a_repetition_goes_back_further_and_never_to_what_was_left(registry, served, deployment):
    for version in (1, 2, 3):
        deploy(registry, deployment, release=arm(served, version))
    assert shares(rollback(registry, deployment)) == {2: ("primary", 1_000_000)}
    assert shares(rollback(registry, deployment)) == {1: ("primary", 1_000_000)}
    assert "nothing before" in problem(rollback_reply(registry, deployment), "conflict")["detail"]


def rollback_reply(registry, deployment, **fields):
    return registry.request("POST", f"/deployments/{deployment}/rollback", fields)


def test_one_can_go_back_to_a_version_by_its_name(registry, served, deployment):
    for version in (1, 2, 3):
        deploy(registry, deployment, release=arm(served, version))
    assert shares(rollback(registry, deployment, to="1.0.0")) == {1: ("primary", 1_000_000)}
    # Also to what somebody went back behind: that may have been a mistake.
    back = rollback(registry, deployment, to="3")
    assert (shares(back), back["revision"]["restores"]) == ({3: ("primary", 1_000_000)}, 3)
    registry.register(served)
    detail = problem(rollback_reply(registry, deployment, to="4"), "conflict")["detail"]
    assert "never the primary version" in detail


def test_to_go_back_to_what_serves_is_refused_and_says_so(registry, served, deployment):
    deploy(registry, deployment, release=arm(served, 1))
    deploy(registry, deployment, release=arm(served, 2))
    detail = problem(rollback_reply(registry, deployment, to="2"), "conflict")["detail"]
    assert detail == f"{served}@1.0.1 is the primary version of '{deployment}' already."


def test_a_version_that_was_deleted_is_named_when_one_would_go_back_to_it(registry, served, deployment):
    for version in (1, 2, 3):
        deploy(registry, deployment, release=arm(served, version))
    registry.request("DELETE", f"/models/{served}/versions/2").expect(204)
    detail = problem(rollback_reply(registry, deployment), "conflict")["detail"]
    assert f"{served}@1.0.1 was deleted" in detail
    assert "martlet rollback --to VERSION" in detail
    assert shares(rollback(registry, deployment, to="1")) == {1: ("primary", 1_000_000)}


def test_where_no_other_version_served_one_goes_back_to_the_backend_before(
    registry, served, deployment, backends
):
    urls = [backend.url for backend in backends]
    for url in urls[:2]:
        deploy(registry, deployment, release=arm(served, 1, url=url))
    (back,) = rollback(registry, deployment)["revision"]["arms"]
    assert (back["version"], back["url"]) == (1, urls[0])
    assert "nothing before" in problem(rollback_reply(registry, deployment), "conflict")["detail"]
    # Another version comes first: what is meant is most likely that.
    deploy(registry, deployment, release=arm(served, 2, url=urls[1]))
    deploy(registry, deployment, release=arm(served, 2, url=urls[2]))
    assert shares(rollback(registry, deployment)) == {1: ("primary", 1_000_000)}


def test_settings_stay_when_one_goes_back(registry, served, deployment):
    deploy(registry, deployment, release=arm(served, 1))
    deploy(registry, deployment, release=arm(served, 2), settings={"decisions": "strict"})
    assert rollback(registry, deployment)["revision"]["settings"]["decisions"] == "strict"


def test_a_freeze_stops_everything_but_a_rollback(registry, served, deployment):
    deploy(registry, deployment, release=arm(served, 1))
    freeze = {"from": "2000-01-01T00:00:00Z", "to": "2999-01-01T00:00:00Z", "reason": "holidays"}
    deploy(registry, deployment, release=arm(served, 2), settings={"freezes": [freeze]})
    reply = registry.request("POST", f"/deployments/{deployment}/revisions", {"release": arm(served, 3)})
    refusal = problem(reply.expect(409), "conflict")["detail"]
    assert "holidays" in refusal
    taking_away = registry.request("DELETE", f"/deployments/{deployment}")
    assert problem(taking_away.expect(409), "conflict")["detail"] == refusal
    assert shares(rollback(registry, deployment)) == {1: ("primary", 1_000_000)}
    deploy(registry, deployment, settings={"freezes": []})
    deploy(registry, deployment, release=arm(served, 3))
    registry.request("DELETE", f"/deployments/{deployment}").expect(204)


# Who was faster


def test_a_change_can_insist_on_what_it_has_seen(registry, served, deployment):
    deploy(registry, deployment, release=arm(served, 1), headers={"If-Match": '"0"'})
    deploy(registry, deployment, release=arm(served, 2), headers={"If-Match": '"1"'})
    change = {"release": arm(served, 3)}
    reply = registry.request(
        "POST", f"/deployments/{deployment}/revisions", change, headers={"If-Match": '"1"'}
    )
    assert "'ann' changed" in problem(reply.expect(412), "precondition_failed")["detail"]
    assert registry.request("GET", f"/deployments/{deployment}").expect().json["revision"]["number"] == 2


def test_a_rollback_can_insist_on_what_it_has_seen_also_where_there_is_nothing_to_go_back_to(
    registry, served, deployment
):
    deploy(registry, deployment, release=arm(served, 1))
    path = f"/deployments/{deployment}/rollback"
    for seen, status, code in [(7, 412, "precondition_failed"), (1, 409, "conflict")]:
        reply = registry.request("POST", path, {}, headers={"If-Match": f'"{seen}"'})
        problem(reply.expect(status), code)


# What cannot serve


def test_a_version_that_is_not_sealed_does_not_serve(registry, client, model, deployment):
    client.create_model_version(model, "s3://bucket/elsewhere")
    registry.move(model, 1, "staging")
    reply = registry.request("POST", f"/deployments/{deployment}/revisions", {"release": arm(model, 1)})
    assert "not sealed" in problem(reply.expect(409), "conflict")["detail"]
    registry.request("GET", f"/deployments/{deployment}").expect(404)


def test_a_version_serves_only_from_the_stages_that_are_allowed(registry, model, deployment):
    registry.versions(model, 1)
    reply = registry.request("POST", f"/deployments/{deployment}/revisions", {"release": arm(model, 1)})
    assert "'candidate'" in problem(reply.expect(409), "conflict")["detail"]
    deploy(registry, deployment, release=arm(model, 1), settings={"stages": ["candidate"]})


def test_an_arm_whose_version_may_not_serve_any_more_gets_no_more_requests(registry, served, deployment):
    deploy(registry, deployment, release=arm(served, 1))
    added = deploy(registry, deployment, add=arm(served, 2, role="canary", partsPerMillion=100_000))
    canary = added["revision"]["arms"][1]["name"]
    registry.move(served, 2, "archived")
    for change in ({"shares": {canary: 100_001}}, {"promote": canary}):
        reply = registry.request("POST", f"/deployments/{deployment}/revisions", change)
        assert "'archived'" in problem(reply.expect(409), "conflict")["detail"]
    deploy(registry, deployment, shares={canary: 50_000})
    deploy(registry, deployment, remove=canary)
    registry.move(served, 1, "archived")
    # What is there may be given less, and everything else may change.
    added = deploy(registry, deployment, add=arm(served, 3, role="canary", partsPerMillion=100_000))
    deploy(registry, deployment, remove=added["revision"]["arms"][1]["name"])


def test_a_version_that_serves_cannot_be_deleted(registry, client, served, deployment):
    deploy(registry, deployment, release=arm(served, 1))
    detail = registry.refused("DELETE", f"/models/{served}/versions/1", status=409, code="conflict")
    assert f"'{deployment}'" in detail
    assert f"'{deployment}'" in registry.refused("DELETE", f"/models/{served}", status=409, code="conflict")
    registry.request("DELETE", f"/deployments/{deployment}").expect(204)
    registry.request("GET", f"/deployments/{deployment}").expect(404)
    registry.request("DELETE", f"/models/{served}/versions/1").expect(204)


@pytest.mark.sqlite_only
def test_a_version_whose_bytes_are_gone_does_not_serve_nor_come_back(start_martlet, registry):
    server = start_martlet()
    own = type(registry)(server, "ann")
    model = own.model()
    files = {1: b"one" * 1_000, 2: b"two" * 1_000}
    for number, data in files.items():
        own.register(model, {"weights.bin": data})
        own.move(model, number, "staging")
        deploy(own, "bot", release=arm(model, number))
    deploy(own, "other", release=arm(model, 2))
    deploy(own, "other", add=arm(model, 1, role="canary", partsPerMillion=1, name="canary"))
    for blob in server.data.glob("blobs/plain/*/*"):
        if blob.read_bytes() == files[1]:
            blob.unlink()
    assert "weights.bin" in problem(rollback_reply(own, "bot").expect(409), "conflict")["detail"]
    reply = own.request("POST", "/deployments/bot/revisions", {"release": arm(model, 1)})
    assert "weights.bin" in problem(reply.expect(409), "conflict")["detail"]
    assert shares(own.get("/deployments/bot")) == {2: ("primary", 1_000_000)}
    reply = own.request("POST", "/deployments/other/revisions", {"promote": "canary"})
    assert "weights.bin" in problem(reply.expect(409), "conflict")["detail"]


@pytest.mark.sqlite_only
def test_a_version_whose_bytes_are_not_what_they_were_is_not_deployed_but_can_come_back(
    start_martlet, registry
):
    server = start_martlet(keeps_bytes_in_s3=False)
    own = type(registry)(server, "ann")
    model = own.model()
    for number in (1, 2):
        own.register(model, {"weights.bin": b"%d" % number * 1_000})
        own.move(model, number, "staging")
        deploy(own, "bot", release=arm(model, number))
    for blob in server.data.glob("blobs/plain/*/*"):
        if blob.read_bytes() == b"1" * 1_000:
            blob.chmod(0o600)
            blob.write_bytes(b"1" * 999 + b"2")
    reply = own.request("POST", "/deployments/bot/revisions", {"release": arm(model, 1)})
    assert "'weights.bin' are not those" in problem(reply.expect(409), "conflict")["detail"]
    # Now matters more, and it served before.
    assert shares(rollback(own, "bot")) == {1: ("primary", 1_000_000)}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"add": {"model": "M", "version": "1", "role": "canary", "url": URL}}, "Nothing serves"),
        ({"arms": []}, "exactly one primary"),
        ({"promote": "nobody"}, "Nothing serves"),
        ({"release": {"model": "M", "version": "9"}}, "not found"),
        ({"release": {"model": "nobody", "version": "1"}}, "not found"),
        ({"release": {"model": "M", "version": "1", "url": "ftp://x"}}, "http"),
        ({"release": {"model": "M", "version": "1", "url": "http://u:p@x"}}, "credentials"),
        ({"release": {"model": "M", "version": "1", "url": "http://127.0.0.1:99999"}}, "port"),
        ({"release": {"model": "M", "version": "1", "url": "http://x:0"}}, "port"),
        ({"release": {"model": "M", "version": "1", "url": "http://x:http"}}, "port"),
        ({"release": {"model": "M", "version": "1", "url": "http://:80"}}, "host"),
        ({"release": {"model": "M", "version": "1", "url": "http://[::1"}}, "host"),
        ({"release": {"model": "M", "version": "1", "role": "boss"}}, "no role 'boss'"),
        ({"release": {"model": "M", "version": "1", "partsPerMillion": -1}}, "parts per million"),
        ({"release": {"model": "M", "version": "1"}, "promote": "x"}, "One change at a time"),
        ({"settings": {"decisions": "maybe"}}, "'strict'"),
        ({"settings": {"timeoutMs": 0}}, "'timeoutMs'"),
        ({"settings": {"subject": {"header": "a b"}}}, "'header'"),
        ({"settings": {"subject": {"header": "a", "cookie": "b"}}}, "one"),
        ({"settings": {"colour": 1}}, "colour"),
    ],
)
def test_what_makes_no_sense_is_refused_and_leaves_nothing(registry, served, deployment, change, words):
    change = {
        k: {**v, "model": served} if isinstance(v, dict) and v.get("model") == "M" else v
        for k, v in change.items()
    }
    reply = registry.request("POST", f"/deployments/{deployment}/revisions", change)
    assert 400 <= reply.status < 500, reply
    assert words in reply.json["detail"]
    registry.request("GET", f"/deployments/{deployment}").expect(404)


def test_shares_come_to_everything(registry, served, deployment):
    halves = [
        arm(served, 1, partsPerMillion=500_000),
        arm(served, 2, role="challenger", partsPerMillion=400_000),
    ]
    reply = registry.request("POST", f"/deployments/{deployment}/revisions", {"arms": halves})
    assert "90%" in problem(reply.expect(400), "invalid")["detail"]
    halves[1]["partsPerMillion"] = 500_000
    deploy(registry, deployment, arms=halves)
    reply = registry.request(
        "POST",
        f"/deployments/{deployment}/revisions",
        {"add": arm(served, 3, role="canary", partsPerMillion=500_001)},
    )
    assert "more than 100%" in problem(reply.expect(400), "invalid")["detail"]


@pytest.mark.parametrize("text", ["Bot", "-bot", "b/t", "b" * 64, "b t"])
def test_a_deployment_has_a_plain_name(registry, served, text):
    path = "/deployments/" + text.replace("/", "%2F") + "/revisions"
    reply = registry.request("POST", path, {"release": arm(served, 1)})
    assert reply.status == 400, reply

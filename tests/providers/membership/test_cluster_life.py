"""The life of a control plane: files, waiting, what it says of itself, and what is kept of it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aifactory_iac.providers.membership.standing import runs
from aifactory_iac.providers.resource import UNKNOWN, PartialError, ProviderError
from aifactory_iac.providers.resources.cluster import TYPE

SERVERS = ["s1", "s2", "s3"]


def inputs(**change: Any) -> dict[str, Any]:
    wanted = {
        "site": "fra1",
        "kind": "kubernetes",
        "distribution": "rke2",
        "servers": SERVERS,
        "encryptSecrets": True,
        "auditLogs": True,
        "allowed": [],
        "reservations": {},
        "version": "1.34",
        "access": {"store": "env", "path": "KUBE"},
    } | change
    checked = TYPE.check(None, wanted)
    assert checked.failures == ()
    return dict(checked.inputs)


def create(wanted, around):
    return asyncio.run(TYPE.create("metal", wanted, around, preview=False))


def update(old, state, new, around):
    return asyncio.run(TYPE.update("fra1/metal", old, state, new, around, preview=False))


def read(wanted, state, around):
    return asyncio.run(TYPE.read("fra1/metal", wanted, state, around))


def up(api):
    for name in SERVERS:
        api.node(name)


def listening(around):
    lines: list[str] = []
    return replace(around, log=lambda _severity, text: lines.append(text)), lines


def folder(around):
    return around.settings.state_dir / "clusters" / "fra1" / "metal"


def test_a_cluster_that_stands(api, around):
    up(api)
    made = create(inputs(), around)
    assert made.id == "fra1/metal"
    assert made.state["status"] == "ready"
    assert made.state["missing"] == []
    assert made.state["endpoint"] == api.url
    assert made.state["kubeconfig"] == api.kubeconfig()
    assert made.state["observed"] == {
        "identity": "uid-of-this-cluster",
        "version": "v1.34.2+rke2r1",
        "nodes": 3,
        "ready": 3,
        "encryption": "seen",
    }
    assert sorted(made.state["files"]) == [
        "agent/config.yaml",
        "material.json",
        *(
            f"servers/{name}/{file}"
            for name in SERVERS
            for file in ("audit-policy.yaml", "config.yaml")
        ),
    ]
    assert all((folder(around) / path).is_file() for path in made.state["files"])
    assert api.writes == []
    assert TYPE.diff(inputs(), made.state, inputs()).changes == {}


def test_before_anything_can_be_reached_it_is_pending_and_never_pretends(api, around):
    wanted = inputs()
    del wanted["access"]
    around, lines = listening(around)
    made = create(wanted, around)
    assert made.state["status"] == "pending"
    assert made.state["missing"] == lines_without_id(lines)
    assert made.state["missing"] == [
        (
            "no `access` was given and there is no file access in the cluster's folder "
            f"{folder(around)}"
        )
    ]
    assert (made.state["endpoint"], made.state["kubeconfig"]) == ("https://s1:6443", "")
    assert made.state["observed"] == {}
    assert list(TYPE.diff(wanted, made.state, wanted).changes) == ["status"]
    assert api.log == []

    up(api)
    (folder(around) / "access").write_text(api.kubeconfig())
    assert update(wanted, made.state, wanted, around)["status"] == "ready"


def lines_without_id(lines):
    return [line.removeprefix("fra1/metal: ") for line in lines]


def test_it_waits_for_servers_that_are_being_installed(api, around, clock):
    def install(_count):
        if clock.latest >= 1060 and not api.nodes:
            up(api)

    api.before = install
    assert create(inputs(waitSeconds=600), around).state["status"] == "ready"
    assert clock.latest == 1060


def test_when_the_time_has_passed_what_is_there_is_kept(api, around, clock):
    api.node("s1")
    api.node("s2", ready=False)
    api.version, api.metrics = "v1.33.1+rke2r1", "apiserver_storage_objects 1"
    with pytest.raises(PartialError) as error:
        create(inputs(waitSeconds=60), around)
    assert error.value.reasons == (
        "server s3 is not a node yet",
        "server s2 is not ready",
        "it runs v1.33.1+rke2r1, not 1.34",
        "its API server does not encrypt secrets",
    )
    assert clock.latest == 1060
    assert error.value.made.state["status"] == "partial"
    assert create(inputs(), around).state["missing"] == list(error.value.reasons)


def test_what_waiting_cannot_help_is_said_at_once(api, around, clock, tmp_path):
    (tmp_path / "kubeconfig").write_text(api.kubeconfig(token="wrong"))
    with pytest.raises(PartialError) as error:
        create(inputs(waitSeconds=600), around)
    assert "was refused (401): Unauthorized" in error.value.reasons[0]
    assert clock.slept == []
    assert error.value.made.state["status"] == "pending"


def test_where_metrics_are_not_for_us_encryption_is_not_known(api, around, fault):
    up(api)
    api.faults = [fault("GET", "/metrics", status=403)]
    made = create(inputs(), around)
    assert made.state["observed"]["encryption"] == "unknown"
    assert made.state["status"] == "ready"


def test_nodes_come_in_pages(api, around):
    up(api)
    api.page = 2
    assert create(inputs(), around).state["observed"]["nodes"] == 3


def test_tenants_that_are_short_of_their_nodes_are_told_of(api, around):
    up(api)
    api.node("n1").put(("metadata", "labels", "aifactory/tenant"), "acme", "x")
    reservations = {"acme": [{"pool": "train", "nodes": 2}], "beta": []}
    made = create(inputs(reservations=reservations), around)
    assert made.state["missing"] == ["tenant acme has 1 of 2 nodes of its own"]
    assert made.state["status"] == "ready"
    assert made.state["observed"]["kept"] == {"acme": ["n1"]}


def test_a_cluster_that_cannot_be_reached_is_stale_and_never_gone(api, around, fault):
    up(api)
    state = create(inputs(), around).state
    api.faults = [fault(drop=True, times=99)]
    around, lines = listening(around)
    found = read(inputs(), state, around)
    assert found.state == {**state, "stale": True}
    assert lines[0].endswith("what was last seen is kept")
    api.faults = []
    assert read(inputs(), found.state, around).state == state


def test_another_cluster_behind_the_same_reference_is_not_taken_for_it(api, around):
    up(api)
    state = create(inputs(), around).state
    api.cluster = "uid-of-another"
    with pytest.raises(PartialError) as error:
        update(inputs(), state, inputs(), around)
    assert "is another cluster (uid-of-another)" in error.value.reasons[0]


def test_a_file_that_was_changed_or_lost_is_drift_and_is_written_again(api, around):
    up(api)
    state = create(inputs(), around).state
    (folder(around) / "servers/s1/config.yaml").write_text("changed")
    (folder(around) / "agent/config.yaml").unlink()
    found = read(inputs(), state, around)
    assert sorted(TYPE.diff(inputs(), found.state, inputs()).changes) == [
        'files["agent/config.yaml"]',
        'files["servers/s1/config.yaml"]',
    ]
    again = update(inputs(), found.state, inputs(), around)
    assert again["files"] == state["files"]
    assert "changed" not in (folder(around) / "servers/s1/config.yaml").read_text()


def test_a_server_less_takes_its_files_with_it(api, around):
    up(api)
    state = create(inputs(), around).state
    fewer = inputs(servers=["s1"], auditLogs=False)
    update(inputs(), state, fewer, around)
    left = [str(path.relative_to(folder(around))) for path in folder(around).rglob("*")]
    assert sorted(left) == [
        "agent",
        "agent/config.yaml",
        "material.json",
        "servers",
        "servers/s1",
        "servers/s1/config.yaml",
    ]


def test_files_move_to_another_folder(api, around, tmp_path):
    up(api)
    state = create(inputs(), around).state
    there = inputs(target=str(tmp_path / "elsewhere"))
    update(inputs(), state, there, around)
    assert (tmp_path / "elsewhere/agent/config.yaml").is_file()
    assert not list(folder(around).rglob("*.yaml"))


def test_a_folder_that_cannot_be_written_is_an_error_before_anything(api, around, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ProviderError) as error:
        create(inputs(target=str(tmp_path / "file")), around)
    assert str(error.value).startswith("fra1/metal: ")
    assert api.log == []


def test_deleting_forgets_and_asks_nobody(api, around):
    up(api)
    state = create(inputs(), around).state
    (folder(around) / "servers/s1/config.yaml").write_text("mine now")
    api.log.clear()
    asyncio.run(TYPE.delete("fra1/metal", inputs(), state, around))
    assert api.log == []
    left = [path for path in folder(around).rglob("*") if path.is_file()]
    assert left == [folder(around) / "servers/s1/config.yaml"]


def test_a_preview_reaches_and_writes_nothing(api, around):
    made = asyncio.run(TYPE.create("metal", inputs(), around, preview=True))
    assert made.state["kubeconfig"] is UNKNOWN
    assert api.log == []
    assert not folder(around).exists()

    up(api)
    state = create(inputs(), around).state
    api.log.clear()
    changed = inputs(auditLogs=False)

    def preview(new):
        return asyncio.run(TYPE.update("fra1/metal", inputs(), state, new, around, preview=True))

    assert preview(changed)["kubeconfig"] == state["kubeconfig"]
    assert preview(changed)["files"] is UNKNOWN
    assert preview(inputs(address="elsewhere"))["kubeconfig"] is UNKNOWN
    assert api.log == []


def test_what_makes_a_new_cluster():
    other = inputs(site="ams1", distribution="k3s", version="1.34", auditLogs=False)
    changes = TYPE.diff(inputs(), {}, other).changes
    assert {key: change.replace for key, change in changes.items()} == {
        "auditLogs": False,
        "distribution": True,
        "site": True,
    }
    difference = TYPE.diff(inputs(), {}, {**inputs(), "servers": UNKNOWN})
    assert difference.changes == {}
    assert not difference.known


def test_an_import_says_what_to_do_instead(around):
    with pytest.raises(ProviderError) as error:
        read({}, {}, around)
    assert "declare it with `access`" in str(error.value)


def test_the_kubeconfig_is_in_no_text(api, around, fault):
    up(api)
    around, lines = listening(around)
    state = create(inputs(), around).state
    api.faults = [fault(drop=True, times=99)]
    read(inputs(), state, around)
    assert not any("an-administrators-token" in line for line in lines)


@pytest.mark.parametrize(
    ("now", "wanted", "same"),
    [
        ("v1.34.2+rke2r1", "1.34", True),
        ("v1.34.2+rke2r1", "v1.34.2+rke2r1", True),
        ("v1.34.2+rke2r1", "1.34.2", True),
        ("v1.34.2", "1.3", False),
        ("22.05.8", "22.05", True),
        ("v1.34.20", "1.34.2", False),
    ],
)
def test_a_release_is_held_against_the_wanted_one(now, wanted, same):
    assert runs(now, wanted) is same


@settings(
    max_examples=5, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(order=st.permutations(SERVERS))
def test_a_permutation_changes_nothing(api, around, order):
    api.reset()
    up(api)
    state = create(inputs(), around).state
    permuted = inputs(servers=order)
    assert TYPE.diff(inputs(), state, permuted).changes == {}
    assert update(inputs(), state, permuted, around) == state

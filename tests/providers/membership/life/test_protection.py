"""What must never happen to a cluster, whatever is wrong with a run."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from aifactory_iac.providers.resource import UNKNOWN, PartialError, ProviderError
from aifactory_iac.providers.resources.cluster_membership import TYPE

NAMES = [f"n{number:02d}" for number in range(10)]
ID = "fra1/metal/metal.train-su001"


def test_a_freeze_forbids_every_write(api, around, inputs, create):
    api.node("n00")
    around.settings.freeze.touch()
    with pytest.raises(PartialError) as error:
        create(inputs(["n00"]), around)
    assert api.writes == []
    assert "writes are frozen while" in error.value.reasons[0]


def test_a_cancelled_run_writes_no_more_and_keeps_what_it_saw(api, around, inputs, create):
    api.node("n00")
    api.before = lambda count: around.cancelled.set() if count == 1 else None
    with pytest.raises(PartialError) as error:
        create(inputs(["n00", "n01"]), around)
    assert api.writes == []
    assert set(error.value.made.state["results"]) == {"n00", "n01"}


def test_a_preview_reaches_nothing(api, around, inputs, create, update):
    made = asyncio.run(TYPE.create("m", inputs(), around, preview=True))
    assert made.state["joined"] is UNKNOWN
    state = asyncio.run(TYPE.update(ID, inputs(), {}, inputs(), around, preview=True))
    assert state["results"] is UNKNOWN
    assert api.log == []


def test_without_nodes_it_is_pending_and_says_so(api, around, inputs, create, update, read, delete):
    lines: list[tuple[str, str]] = []
    around = replace(around, log=lambda severity, text: lines.append((severity, text)))
    wanted = inputs()
    del wanted["nodes"]
    made = create(wanted, around)
    assert made.state["status"] == "pending"
    assert made.state["missing"] == [
        "`nodes` were not given: it is not known which machines are to join"
    ]
    assert lines[0][0] == "warning"
    assert read(wanted, made.state, around).state == made.state
    assert update(wanted, made.state, wanted, around)["status"] == "pending"
    delete(wanted, made.state, around)
    assert api.log == []


def test_without_access_nothing_is_done_and_the_place_for_it_is_named(api, around, inputs, create):
    wanted = inputs()
    del wanted["access"]
    with pytest.raises(ProviderError) as error:
        create(wanted, around)
    folder = around.settings.state_dir / "clusters" / "fra1/metal"
    assert str(error.value) == (
        "fra1/metal: no `access` was given and there is no file access in the cluster's folder "
        f"{folder}"
    )
    folder.mkdir(parents=True)
    (folder / "access").write_text(api.kubeconfig())
    for name in NAMES:
        api.node(name)
    assert create(wanted, around).state["joined"] == 10


def test_another_cluster_behind_the_same_reference_is_refused_before_the_first_write(
    api, around, inputs, create, delete
):
    api.node("n00")
    wanted = inputs(["n00"])
    state = create(wanted, around).state
    api.cluster = "uid-of-another"
    api.log.clear()
    with pytest.raises(ProviderError) as error:
        delete(wanted, state, around)
    assert str(error.value) == (
        f"fra1/metal: kubernetes {api.url} is another cluster (uid-of-another) than the one that "
        "was joined (uid-of-this-cluster)"
    )
    assert api.writes == []


def test_a_cluster_that_cannot_be_reached_keeps_its_state_and_is_stale(
    api, around, fault, inputs, create, read
):
    api.node("n00")
    wanted = inputs(["n00"])
    state = create(wanted, around).state
    api.faults = [fault(drop=True, times=99)]
    found = read(wanted, state, around)
    assert found.state == {**state, "stale": True}
    api.faults = []
    assert "stale" not in read(wanted, found.state, around).state


def test_one_node_that_cannot_be_read_keeps_what_was_known_of_it(
    api, around, fault, inputs, create, read
):
    for name in NAMES[:2]:
        api.node(name)
    wanted = inputs(NAMES[:2])
    state = create(wanted, around).state
    api.faults = [fault(path="/nodes/n01", status=503, times=99)]
    found = read(wanted, state, around)
    assert found.state["results"] == state["results"]
    assert found.state["stale"] is True


def test_an_import_says_what_to_do_instead(around, read):
    with pytest.raises(ProviderError) as error:
        read({}, {}, around)
    assert "declare it, and it adopts nodes that are already in the cluster" in str(error.value)


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_kill_between_any_two_requests_is_made_good_by_the_next_run(
    api, around, when, inputs, create, delete
):
    """The process is ended at request k, before or after the server has done it; then run again."""

    def prepared():
        api.reset()
        for name in NAMES[:2]:
            api.node(name)
            api.pod(name, f"job-{name}")

    def ends_at(run, position):
        async def killed():
            task = asyncio.ensure_future(run())
            loop = asyncio.get_running_loop()

            def strike(count):
                if count == position:
                    loop.call_soon_threadsafe(task.cancel)

            setattr(api, when, strike)
            try:
                await task
            except asyncio.CancelledError:
                return False
            return True

        try:
            return asyncio.run(killed())
        finally:
            api.before = api.after = lambda _count: None

    wanted = inputs(NAMES[:2])
    position, whole = 0, False
    while not whole:
        position += 1
        prepared()
        whole = ends_at(
            lambda: TYPE.create("metal.train-su001", wanted, around, preview=False), position
        )
        state = create(wanted, around).state
        assert state["joined"] == 2
    assert position > 8
    position, whole = 0, False
    while not whole:
        position += 1
        prepared()
        state = create(wanted, around).state
        api.log.clear()
        whole = ends_at(lambda state=state: TYPE.delete(ID, wanted, state, around), position)
        delete(wanted, state, around)
        assert api.nodes == {}
        assert api.pods == []
    assert position > 12

"""InfiniBand partitions at each kind of manager, and who belongs to them."""

from __future__ import annotations

import asyncio

import pytest

from aifactory_iac.lab.switches.faults import Fault
from aifactory_iac.lab.switches.spec import SwitchSpec, UfmSpec
from aifactory_iac.providers.resource import UNKNOWN, PartialError, ProviderError
from aifactory_iac.providers.resources.fabric_partitions import FabricPartitionsType

REFERENCE = {"store": "env", "path": "SWITCHES"}
UFM = UfmSpec("ufm.fra1", pkeys={"0x77": {"00000000000000aa": "full"}})
MANAGED = SwitchSpec("ib-leaf-001", "mlnx-os", serial="MT1", ports=4)


def port(number):
    return f"0x{number:016x}"


GUIDS = {"train": {f"node-{number}": [port(number), port(100 + number)] for number in range(1, 7)}}
DEFAULT = {"pkey": "0x7fff", "membership": "limited"}


def tenant(name, pkey, count, membership="full"):
    return {"pkey": pkey, "membership": membership, "tenant": name, "nodes": {"train": count}}


def inputs(**given_):
    kind = FabricPartitionsType()
    checked = kind.check(
        None,
        {
            "site": "fra1",
            "network": "compute",
            "manager": "ufm",
            "routing": "ftree",
            "partitions": {"default": DEFAULT, "tenant-a": tenant("a", "0x0101", 2)},
            "guids": GUIDS,
            **given_,
        },
    )
    assert checked.failures == ()
    return dict(checked.inputs)


def nodes(state, partition):
    return [each["node"] for each in state["members"][partition]]


async def create(site, declared):
    made = await FabricPartitionsType().create("n", declared, site.around, preview=False)
    return dict(made.state)


async def update(site, old, state, new):
    return dict(
        await FabricPartitionsType().update("id", old, state, new, site.around, preview=False)
    )


# UFM.


def test_ufm_is_told_and_what_is_not_ours_stays(plant):
    async def story():
        async with plant(ufms=(UFM,)) as site:
            old = inputs(address="ufm.fra1", credentials=REFERENCE)
            state = await create(site, old)
            ufm = site.fleet.ufms["ufm.fra1"]
            assert ufm.pkeys[0x101]["guids"] == {
                port(number)[2:]: "full" for number in (1, 2, 101, 102)
            }
            assert sorted(ufm.pkeys) == [0x77, 0x101, 0x7FFF]
            assert (state["managed"], state["drift"], state["missing"]) == (True, {}, {})
            new = inputs(
                address="ufm.fra1",
                credentials=REFERENCE,
                partitions={"default": DEFAULT, "tenant-b": tenant("b", "0x0102", 1, "limited")},
            )
            state = await update(site, old, state, new)
            assert sorted(ufm.pkeys) == [0x77, 0x102, 0x7FFF]
            assert set(ufm.pkeys[0x102]["guids"].values()) == {"limited"}
            assert nodes(state, "tenant-b") == ["node-1"]

    asyncio.run(story())


def test_a_second_run_at_ufm_only_reads(plant):
    async def story():
        async with plant(ufms=(UFM,)) as site:
            declared = inputs(address="ufm.fra1", credentials=REFERENCE)
            state = await create(site, declared)
            before = len(site.witness.requests())
            assert await update(site, declared, state, declared) == state
            later = site.witness.requests()[before:]
            assert {each["method"] for each in later} == {"GET"}

    asyncio.run(story())


@pytest.mark.parametrize("effect", ["drop", "drop-answer"])
@pytest.mark.parametrize("method", ["PUT", "DELETE", "POST"])
def test_a_lost_answer_of_ufm_ends_in_the_right_partitions(plant, method, effect):
    async def story():
        async with plant(ufms=(UFM,)) as site:
            site.fail(Fault(effect, method=method))
            old = inputs(address="ufm.fra1", credentials=REFERENCE)
            state = await create(site, old)
            empty = {"default": DEFAULT, "tenant-e": tenant("e", "0x0103", 0)}
            new = inputs(address="ufm.fra1", credentials=REFERENCE, partitions=empty)
            state = await update(site, old, state, new)
            assert sorted(site.fleet.ufms["ufm.fra1"].pkeys) == [0x77, 0x103, 0x7FFF]
            sent = len(site.witness.requests(method=method))
            assert sent == (2 if effect == "drop" else 1), "again only what was not done"

    asyncio.run(story())


def test_drift_at_ufm_is_told_by_partition_and_mended(plant):
    async def story():
        async with plant(ufms=(UFM,)) as site:
            kind = FabricPartitionsType()
            declared = inputs(address="ufm.fra1", credentials=REFERENCE)
            state = await create(site, declared)
            members = site.fleet.ufms["ufm.fra1"].pkeys[0x101]["guids"]
            del members[port(2)[2:]]
            found = await kind.read("id", declared, state, site.around)
            assert list(found.state["drift"]) == ['partitions["tenant-a"]']
            assert list(kind.diff(declared, found.state, declared).changes) == [
                'partitions["tenant-a"]'
            ]
            await update(site, declared, dict(found.state), declared)
            assert len(site.fleet.ufms["ufm.fra1"].pkeys[0x101]["guids"]) == 4

    asyncio.run(story())


def test_an_emptied_partition_stays_without_members(plant):
    async def story():
        async with plant(ufms=(UFM,)) as site:
            old = inputs(address="ufm.fra1", credentials=REFERENCE)
            state = await create(site, old)
            partitions = {"default": DEFAULT, "tenant-a": tenant("a", "0x0101", 0)}
            new = inputs(address="ufm.fra1", credentials=REFERENCE, partitions=partitions)
            await update(site, old, state, new)
            assert site.fleet.ufms["ufm.fra1"].pkeys[0x101]["guids"] == {}

    asyncio.run(story())


def test_ufm_that_lies_is_found_out(plant):
    async def story():
        async with plant(ufms=(UFM,)) as site:
            site.fail(Fault("lie", method="PUT"))
            with pytest.raises(PartialError) as caught:
                await create(site, inputs(address="ufm.fra1", credentials=REFERENCE))
            assert caught.value.reasons == (
                'ufm.fra1 took everything, but differs at partitions["tenant-a"]',
            )
            assert caught.value.made.state["stale"] is True

    asyncio.run(story())


def test_ufm_is_left_alone_while_writes_are_frozen(plant, tmp_path):
    async def story():
        freeze = tmp_path / "freeze"
        freeze.write_text("")
        async with plant(ufms=(UFM,), freeze=freeze) as site:
            with pytest.raises(ProviderError) as caught:
                await create(site, inputs(address="ufm.fra1", credentials=REFERENCE))
            assert str(caught.value) == (
                f"writes are frozen by {freeze}, before partition tenant-a of ufm.fra1"
            )
            assert {each["method"] for each in site.witness.requests()} == {"GET"}
            freeze.unlink()
            site.around.cancelled.set()
            with pytest.raises(ProviderError, match="the run was cancelled before"):
                await create(site, inputs(address="ufm.fra1", credentials=REFERENCE))

    asyncio.run(story())


def test_an_unreachable_ufm_keeps_its_state(plant):
    async def story():
        async with plant(ufms=(UFM,)) as site:
            declared = inputs(address="ufm.fra1", credentials=REFERENCE)
            state = await create(site, declared)
            site.fail(Fault("status", status=500, times=None))
            found = await FabricPartitionsType().read("id", declared, state, site.around)
            assert found.state == {**state, "stale": True}
            assert found.inputs == declared

    asyncio.run(story())


# A switch with a subnet manager.


def test_a_managed_switch_gets_them_in_one_transaction(plant):
    async def story():
        async with plant(MANAGED) as site:
            old = inputs(manager="switch", address="ib-leaf-001", credentials=REFERENCE)
            state = await create(site, old)
            switch = site.fleet.switches["ib-leaf-001"]
            assert switch.config["partition"] == {
                "Default": {"pkey": "0x7fff", "member": {"ALL": "limited"}},
                "tenant-a": {
                    "pkey": "0x0101",
                    "member": {
                        "00:00:00:00:00:00:00:01": "full",
                        "00:00:00:00:00:00:00:02": "full",
                        "00:00:00:00:00:00:00:65": "full",
                        "00:00:00:00:00:00:00:66": "full",
                    },
                },
            }
            assert switch.config["sm"] == {"routing-engines": "ftree"}
            assert (switch.saved, switch.jobs) == (switch.config, {})
            assert (state["serial"], state["drift"]) == ("MT1", {})
            alone = {"default": {"pkey": "0x7fff", "membership": "full"}}
            new = inputs(
                manager="switch", address="ib-leaf-001", credentials=REFERENCE, partitions=alone
            )
            await update(site, old, state, new)
            assert switch.config["partition"] == {
                "Default": {"pkey": "0x7fff", "member": {"ALL": "full"}}
            }

    asyncio.run(story())


def test_drift_on_a_switch_is_told(plant):
    async def story():
        async with plant(MANAGED) as site:
            declared = inputs(manager="switch", address="ib-leaf-001", credentials=REFERENCE)
            state = await create(site, declared)
            switch = site.fleet.switches["ib-leaf-001"]
            switch.configure("ib partition Default member ALL type full force")
            switch.configure("ib sm routing-engines updn")
            found = await FabricPartitionsType().read("id", declared, state, site.around)
            assert found.state["drift"] == {
                "partitions.default.membership": {"wanted": "limited", "found": "full"},
                "routing": {"wanted": "ftree", "found": "updn"},
            }

    asyncio.run(story())


def test_another_switch_than_the_one_that_keeps_them_is_not_touched(plant):
    async def story():
        async with plant(MANAGED) as site:
            declared = inputs(manager="switch", address="ib-leaf-001", credentials=REFERENCE)
            state = {"managed": True, "serial": "MT9", "members": {}}
            with pytest.raises(ProviderError) as caught:
                await update(site, declared, state, declared)
            assert str(caught.value) == (
                "ib-leaf-001 is a switch with serial number MT1, and the one that keeps these "
                "partitions has MT9"
            )

    asyncio.run(story())


# All of them.


@pytest.mark.parametrize("manager", ["ufm", "switch", "opensm"])
def test_without_a_manager_to_tell_members_are_kept_in_mind(plant, manager):
    async def story():
        async with plant(MANAGED, ufms=(UFM,)) as site:
            declared = inputs(manager=manager)
            state = await create(site, declared)
            assert (state["managed"], nodes(state, "tenant-a")) == (False, ["node-1", "node-2"])
            found = await FabricPartitionsType().read("id", declared, state, site.around)
            assert found.state == state
            assert site.witness.entries == []
            needed = "`target`, or `address` and" if manager == "opensm" else "`address` and"
            said = (
                f"compute has no {needed} `credentials` of its {manager}, so its partitions are "
                "unmanaged: nobody is told of them"
            )
            assert site.logged == [("warning", said)]

    asyncio.run(story())


def test_a_preview_reaches_nothing(plant, tmp_path):
    async def story():
        async with plant(ufms=(UFM,)) as site:
            kind = FabricPartitionsType()
            declared = inputs(address="ufm.fra1", credentials=REFERENCE)
            planned = await kind.create("n", declared, site.around, preview=True)
            assert nodes(planned.state, "tenant-a") == ["node-1", "node-2"]
            unknown = await kind.create(
                "n", {**declared, "guids": UNKNOWN}, site.around, preview=True
            )
            assert unknown.state["members"] is UNKNOWN
            folder = inputs(manager="opensm", target=str(tmp_path / "none"))
            await kind.update("id", folder, {}, folder, site.around, preview=True)
            assert site.witness.entries == []
            assert not (tmp_path / "none").exists()

    asyncio.run(story())


def test_what_is_lacking_is_warned_of(plant, tmp_path):
    async def story():
        async with plant() as site:
            partitions = {"default": DEFAULT, "tenant-a": tenant("a", "0x0101", 8)}
            declared = inputs(manager="opensm", target=str(tmp_path), partitions=partitions)
            state = await create(site, declared)
            assert state["missing"] == {"tenant-a": {"train": 2}}
            assert site.logged[-1] == (
                "warning",
                "fra1/compute: partition tenant-a still lacks nodes: 2 of train",
            )

    asyncio.run(story())


def test_deleted_and_imported(plant):
    async def story():
        async with plant() as site:
            kind = FabricPartitionsType()
            await kind.delete("fra1/compute", {}, {"managed": True}, site.around)
            await kind.delete("fra1/compute", {}, {"managed": False}, site.around)
            assert site.logged == [
                ("info", "fra1/compute keeps its partitions, and they are not managed any more")
            ]
            with pytest.raises(ProviderError, match="cannot be imported by their id alone"):
                await kind.read("fra1/compute", {}, {}, site.around)

    asyncio.run(story())

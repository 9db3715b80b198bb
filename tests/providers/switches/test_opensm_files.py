"""opensm's files in a folder of this machine: written, read back, and left alone."""

from __future__ import annotations

import asyncio

import pytest

from aifactory_iac.providers.resource import ProviderError
from aifactory_iac.providers.resources.fabric_partitions import FabricPartitionsType


def port(number):
    return f"0x{number:016x}"


def inputs(target):
    checked = FabricPartitionsType().check(
        None,
        {
            "site": "fra1",
            "network": "compute",
            "manager": "opensm",
            "routing": "ftree",
            "partitions": {
                "default": {"pkey": "0x7fff", "membership": "limited"},
                "tenant-a": {"pkey": "0x0101", "membership": "full", "nodes": {"train": 2}},
            },
            "guids": {"train": {f"node-{n}": [port(n), port(100 + n)] for n in (1, 2, 3)}},
            "target": str(target),
        },
    )
    assert checked.failures == ()
    return dict(checked.inputs)


async def create(site, declared):
    made = await FabricPartitionsType().create("n", declared, site.around, preview=False)
    return dict(made.state)


async def update(site, old, state, new):
    return dict(
        await FabricPartitionsType().update("id", old, state, new, site.around, preview=False)
    )


def test_opensm_gets_its_files(plant, tmp_path):
    async def story():
        async with plant() as site:
            folder = tmp_path / "opensm"
            declared = inputs(folder)
            state = await create(site, declared)
            assert (folder / "partitions.conf").read_text() == (
                "# Kept by aifactory: what is changed here by hand is lost.\n"
                "Default=0x7fff,ipoib:ALL=limited,ALL_SWITCHES=full,SELF=full;\n"
                "tenant-a=0x0101,ipoib,defmember=full:\n"
                "    0x0000000000000001=full,\n"
                "    0x0000000000000002=full,\n"
                "    0x0000000000000065=full,\n"
                "    0x0000000000000066=full;\n"
            )
            assert (folder / "opensm.conf").read_text() == (
                "# Kept by aifactory: what is changed here by hand is lost.\n"
                "routing_engine ftree\n"
                f"partition_config_file {folder}/partitions.conf\n"
                "part_enforce both\n"
            )
            assert (state["managed"], state["drift"]) == (True, {})
            assert sorted(path.name for path in folder.iterdir()) == [
                "opensm.conf",
                "partitions.conf",
            ]
            stamp = (folder / "partitions.conf").stat().st_mtime_ns
            assert await update(site, declared, state, declared) == state
            assert (folder / "partitions.conf").stat().st_mtime_ns == stamp

    asyncio.run(story())


def test_a_file_changed_by_hand_is_drift_and_another_routing_engine_asks_for_a_restart(
    plant, tmp_path
):
    async def story():
        async with plant() as site:
            folder = tmp_path / "opensm"
            declared = inputs(folder)
            state = await create(site, declared)
            text = (folder / "partitions.conf").read_text()
            (folder / "partitions.conf").write_text(text.replace(f"{port(2)}=full", f"{port(2)}"))
            kind = FabricPartitionsType()
            found = await kind.read("id", declared, state, site.around)
            assert found.state["drift"] == {}, "defmember says the same"
            (folder / "partitions.conf").write_text(text.replace(f"{port(2)}=full", "SELF"))
            (folder / "opensm.conf").write_text("routing_engine updn\n")
            found = await kind.read("id", declared, state, site.around)
            assert sorted(found.state["drift"]) == ['partitions["tenant-a"]', "routing"]
            await update(site, declared, dict(found.state), declared)
            assert site.logged[-1][1] == (
                "id: opensm chooses its routing engine when it starts: restart it, one host at a "
                "time"
            )

    asyncio.run(story())


def test_a_folder_that_cannot_be_written_is_said_so(plant, tmp_path):
    async def story():
        async with plant() as site:
            (tmp_path / "file").write_text("")
            with pytest.raises(ProviderError) as caught:
                await create(site, inputs(tmp_path / "file" / "x"))
            assert str(caught.value).startswith(f"{tmp_path}/file/x/partitions.conf cannot be ")

    asyncio.run(story())

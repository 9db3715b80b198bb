"""Models are data: each quirk has its source, and each part a name of its own."""

from __future__ import annotations

import pytest

from aifactory_iac.lab.redfish.model import load, names


def test_the_makes() -> None:
    assert names() == ("dell-like", "dgx-gb200", "dgx-h100", "generic", "hpe-like", "openbmc")


def test_one_that_there_is_not() -> None:
    with pytest.raises(KeyError, match="vax"):
        load("vax")


@pytest.mark.parametrize("name", names())
def test_a_model_is_whole(name: str) -> None:
    model = load(name)

    assert model.name == name
    assert model.source
    assert [system.kind for system in model.systems].count("host") == 1
    managers = {manager.id for manager in model.managers}
    chassis = {own for each in model.chassis for own in each.ids()}
    for system in model.systems:
        assert set(system.managers) <= managers
        assert set(system.chassis) <= chassis
    for manager in model.managers:
        assert manager.firmware is None or manager.firmware in model.components()
    assert any(each.power for each in model.chassis)
    assert "None" in model.boot.targets
    for attribute in model.bios.values():
        assert not attribute.values or attribute.default in attribute.values


@pytest.mark.parametrize("name", names())
def test_every_quirk_names_an_issue_or_a_document(name: str) -> None:
    for quirk, about in load(name).quirks.items():
        assert "#" in about.source or "research" in about.source or "/" in about.source, quirk


@pytest.mark.parametrize("name", names())
def test_ids_are_unique_within_their_kind(name: str) -> None:
    for system in load(name).systems:
        for parts in (system.ports, system.processors, system.memory, system.drives):
            ids = [own for part in parts for own in part.ids()]
            assert len(ids) == len(set(ids))


def test_figures_of_a_dgx_h100() -> None:
    model = load("dgx-h100")
    gpus = [p for p in model.systems[1].processors if p.detail["ProcessorType"] == "GPU"]

    assert sum(part.count for part in gpus) == 8
    assert sum(part.count * part.detail["CapacityMiB"] for part in model.host.memory) == 2 * 2**20
    assert model.watts.busy == 10200
    assert {c.activation for c in model.firmware} == {
        "host-reset",
        "bmc-reset",
        "chassis-cycle",
        "ac-cycle",
    }

"""Firmware: pushed in order, one flash at a time, activated together where a reset does it."""

from __future__ import annotations

import hashlib
import json

import pytest

from aifactory_iac.providers.machine.intent import Component

PUSH = "POST /redfish/v1/UpdateService/update-multipart"


@pytest.fixture
def package(tmp_path):
    """A package for a component of a version, as the lab's machines read it."""

    def make(name: str, version: str, **differences) -> Component:
        place = tmp_path / f"{name}-{version}.bin"
        place.write_text(json.dumps({name: version}))
        digest = f"sha256:{hashlib.sha256(place.read_bytes()).hexdigest()}"
        return Component(
            name, version, **{"url": f"file://{place}", "digest": digest, **differences}
        )

    return make


def story(lab) -> list[str]:
    """What happened, as far as firmware goes."""
    told = ("flash-started", "manager-reset", "mains-cut", "reset", "firmware-active")
    return [
        f"{each['effect']} {each.get('component') or ','.join(each.get('components', {}))}".strip()
        for each in lab.effects(*told)
    ]


def test_one_power_cycle_activates_all_that_wait_for_it(bench, package):
    lab = bench(model="dgx-gb200")
    wish = [package(name, "9.9.1") for name in ("UEFI", "FW_BMC_0", "FW_CPLD_0")]
    found = lab.converge(lab.intent(firmware=tuple(wish)))
    assert found.error == ""
    assert found.observed["firmware"] == {each.name: "9.9.1" for each in wish}
    assert story(lab) == [
        "flash-started UEFI",
        "flash-started FW_BMC_0",
        "manager-reset",
        "firmware-active FW_BMC_0",
        "flash-started FW_CPLD_0",
        "mains-cut",
        "firmware-active UEFI",
        "firmware-active FW_CPLD_0",
    ]


def test_versions_that_are_allowed_are_left_alone(bench, package):
    lab = bench(model="dgx-gb200")
    running = lab.fleet.machines["n0001"].firmware["UEFI"].running
    found = lab.converge(lab.intent(firmware=(package("UEFI", "9.9.1", allowed=(running,)),)))
    assert found.error == ""
    assert lab.writes() == []


def test_a_second_run_flashes_nothing(bench, package):
    lab = bench(model="dgx-gb200")
    intent = lab.intent(firmware=(package("UEFI", "9.9.1"),))
    first = lab.converge(intent)
    before = len(lab.writes())
    assert lab.converge(intent, before=first).did == ()
    assert len(lab.writes()) == before


def test_what_takes_a_power_cycle_that_its_bmc_cannot_do_is_said_after_the_rest(bench, package):
    lab = bench(model="dgx-h100")
    wish = (package("CPLDMB_0", "9.9.1"), package("HostBIOS_0", "9.9.1"))
    found = lab.converge(lab.intent(firmware=wish))
    assert found.observed["firmware"]["HostBIOS_0"] == "9.9.1"
    assert found.error == (
        "CPLDMB_0 takes a real power cycle, and its BMC offers none: cycle its feed"
    )


def test_a_package_with_other_bytes_is_never_sent(bench, package):
    lab = bench(model="dgx-gb200")
    found = lab.converge(
        lab.intent(firmware=(package("UEFI", "9.9.1", digest=f"sha256:{'0' * 64}"),))
    )
    assert "is sha256:" in found.error
    assert found.error.endswith(f"not sha256:{'0' * 64}")
    assert PUSH not in lab.writes()


def test_a_component_that_it_does_not_have_is_named_before_any_write(bench, package):
    lab = bench(model="dgx-gb200")
    found = lab.converge(lab.intent(firmware=(package("HostBIOS_0", "9.9.1"),)))
    assert found.error == "its firmware inventory has no HostBIOS_0"
    assert lab.writes() == []


def test_a_version_without_a_package_is_only_reported(bench):
    lab = bench(model="dgx-gb200")
    found = lab.converge(lab.intent(firmware=(Component("UEFI", "9.9.1"),)))
    assert found.error == ("UEFI is 02.04.12, not 9.9.1, and no package is declared for it")
    assert lab.writes() == []


@pytest.mark.parametrize("fault", ["lost-answer-to-update", "done-but-500"])
def test_a_push_whose_answer_is_lost_is_found_again_as_its_task(bench, package, fault):
    lab = bench(model="dgx-gb200", faults=f"faults: [{{use: {fault}}}]")
    found = lab.converge(lab.intent(firmware=(package("UEFI", "9.9.1"),)))
    assert found.error == ""
    assert lab.writes().count(PUSH) == 1
    assert len(lab.effects("flash-started")) == 1


def test_an_activation_that_was_never_sent_is_sent_by_the_next_run(bench, package):
    """Killed between the record and the request: the controller's own restart tells."""
    lab = bench(model="dgx-gb200")
    intent = lab.intent(firmware=(package("FW_BMC_0", "9.9.1"),))
    around = lab.around()

    class Lost(BaseException):
        pass

    from aifactory_iac.providers.redfish.connections import HttpConnections

    class Connections(HttpConnections):
        async def send(self, outgoing, trust):
            if outgoing.url.endswith("Manager.Reset"):
                raise Lost
            return await super().send(outgoing, trust)

    class Late:
        inner = None

        async def send(self, outgoing, trust):
            self.inner = self.inner or Connections()
            return await self.inner.send(outgoing, trust)

        async def leave(self, base):
            await self.inner.leave(base)

        async def close(self):
            if self.inner is not None:
                await self.inner.close()

    lab.options["connections"] = Late()
    with pytest.raises(Lost):
        lab.converge(intent, around=around)
    del lab.options["connections"]
    found = lab.converge(intent)
    assert found.error == ""
    assert len(lab.effects("manager-reset")) == 1

"""BIOS attributes, secure boot and power: staged, brought by one reset, ended by a look."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aifactory_iac.providers.machine.identity import Identity
from aifactory_iac.providers.machine.intent import Approval, Budget

RESET = "POST /redfish/v1/Systems/System.1/Actions/ComputerSystem.Reset"
WISH = {"ProcTurboMode": "Disabled"}


def kinds(bench, *effects: str) -> list[str]:
    return [each["effect"] for each in bench.effects(*effects)]


def test_a_machine_is_powered_on_once_and_seen_to_be_on(bench):
    lab = bench()
    found = lab.converge(lab.intent(power="On"))
    assert (found.state, found.power, found.error) == ("available", "On", "")
    assert lab.writes() == [RESET]
    assert found.did == ("power it on",)


def test_a_second_run_only_reads(bench):
    lab = bench()
    first = lab.converge(lab.intent(power="On"))
    before = len(lab.writes())
    second = lab.converge(lab.intent(power="On"), before=first)
    assert second.did == ()
    assert len(lab.writes()) == before


@pytest.mark.parametrize(
    ("model", "attribute", "value"),
    [
        ("generic", "ProcTurboMode", "Disabled"),
        ("dgx-h100", "SriovSupport", "Disabled"),
        ("dgx-gb200", "SRIOVEnable", False),
        ("dell-like", "SriovGlobalEnable", "Enabled"),
        ("hpe-like", "Sriov", "Disabled"),
    ],
)
def test_attributes_and_secure_boot_share_one_reset(bench, model, attribute, value):
    lab = bench(model=model)
    known = lab.fleet.machines["n0001"].host.bios
    if attribute not in known:
        attribute, value = next(
            (name, not now) if isinstance(now, bool) else (name, "Disabled")
            for name, now in known.items()
            if isinstance(now, bool) or now == "Enabled"
        )
    found = lab.converge(lab.intent(bios={attribute: value}, secure_boot=True))
    assert found.error == ""
    assert found.observed["bios"] == {attribute: value}
    assert found.observed["secureBoot"] is True
    asked = [each["reset"] for each in lab.effects("reset")]
    assert asked[0] == "On"
    assert set(asked[1:]) <= {"GracefulShutdown", "ForceOff"}


def test_a_machine_that_was_off_is_off_again(bench):
    lab = bench(model="dgx-h100")
    found = lab.converge(lab.intent(bios={"SriovSupport": "Disabled"}))
    assert found.power == "Off"
    assert [each["reset"] for each in lab.effects("reset")] == ["On", "ForceOff"]


def test_it_stays_on_where_that_is_declared(bench):
    lab = bench(model="dgx-h100")
    found = lab.converge(lab.intent(bios={"SriovSupport": "Disabled"}, power="On"))
    assert found.power == "On"
    assert [each["reset"] for each in lab.effects("reset")] == ["On"]


def test_a_machine_that_is_in_use_is_not_reset(bench):
    lab = bench(model="dgx-h100", power="On", installed="sha256:aa")
    found = lab.converge(lab.intent(bios={"SriovSupport": "Disabled"}))
    assert found.state == "quarantined"
    assert found.error == (
        "is on, and nothing proves that nobody uses it: drain it, turn it off, or approve `reset`"
    )
    assert lab.effects("reset") == []


def test_an_approval_shuts_it_down_in_order_and_expires(bench):
    lab = bench(model="dgx-h100", power="On", installed="sha256:aa")
    approval = Approval("ops", until=lab.hands() + 3600, actions=frozenset({"reset"}))
    late = lab.converge(
        lab.intent(bios={"SriovSupport": "Disabled"}, approval=replace(approval, until=0))
    )
    assert late.state == "quarantined"
    found = lab.converge(
        lab.intent(bios={"SriovSupport": "Disabled"}, approval=approval), before=late
    )
    assert found.error == ""
    assert [each["reset"] for each in lab.effects("reset")] == ["GracefulShutdown", "On"]


def test_a_protected_machine_takes_an_approval_even_when_it_is_off(bench):
    lab = bench(model="dgx-h100", power="On")
    found = lab.converge(lab.intent(bios={"SriovSupport": "Disabled"}, protected=True))
    assert found.error.startswith("is protected: to reset it")
    assert lab.effects("reset") == []


def test_an_attribute_that_it_does_not_have_is_named_before_any_write(bench):
    lab = bench(model="dgx-h100")
    found = lab.converge(lab.intent(bios={"SriovSuport": "Disabled"}))
    assert found.error == "it has no BIOS attribute SriovSuport"
    assert lab.writes() == []


def test_a_value_that_its_bmc_refuses_is_asked_for_once(bench):
    lab = bench(model="dgx-h100")
    found = lab.converge(lab.intent(bios={"SriovSupport": "Perhaps"}))
    assert found.error.startswith("its BMC refuses to stage SriovSupport=Perhaps: 400: ")
    assert len(lab.writes()) == 1


@pytest.mark.parametrize(
    ("identity", "why"),
    [
        (Identity.of("OTHER"), "serial is SN0001, not OTHER"),
        (
            Identity.of(uuid="00000000-0000-0000-0000-000000000000"),
            (
                "UUID is cee13623-52ad-59bf-a4e5-2c0d3fc2dfb7, "
                "not 00000000-0000-0000-0000-000000000000"
            ),
        ),
        (
            Identity.of("SN0001", macs=["02:00:00:00:00:99"]),
            "has no interface 02:00:00:00:00:99",
        ),
    ],
)
def test_another_machine_than_the_one_meant_is_left_alone(bench, identity, why):
    lab = bench()
    found = lab.converge(lab.intent(power="On", identity=identity))
    assert found.state == "quarantined"
    assert found.error == f"is not the machine that is meant: {why}"
    assert found.identity == Identity()  # nothing that was only declared is known of it
    assert lab.writes() == []


def test_resets_have_a_budget_for_the_machines_whole_life(bench):
    lab = bench(model="dgx-h100")
    budget = Budget(resets_per_hour=1, resets_per_day=2)
    assert lab.converge(lab.intent(power="On", budget=budget)).error == ""
    assert lab.converge(lab.intent(power="Off", budget=budget)).error == ""
    third = lab.converge(lab.intent(power="On", budget=budget))
    assert third.error == "was reset once within an hour, which is its budget"
    lab.fleet.advance(3601)
    assert lab.converge(lab.intent(power="On", budget=budget), before=third).error == ""
    lab.fleet.advance(3601)
    lab.converge(lab.intent(power="Off", budget=budget))
    fourth = lab.converge(lab.intent(power="On", budget=budget))
    assert fourth.error == "was reset 2 times within a day, which is its budget"


def test_observed_machines_are_never_written(bench):
    lab = bench(model="dgx-h100")
    for owner in ("observed", "external"):
        found = lab.converge(lab.intent(power="On", owner=owner))
        assert found.power == "Off"
        assert found.identity.macs == ("02:00:00:00:00:01", "02:00:00:01:00:01")
    assert lab.writes() == []


def test_a_freeze_forbids_the_first_write(bench, tmp_path):
    lab = bench()
    lab.freeze = tmp_path / "freeze"
    lab.freeze.touch()
    found = lab.converge(lab.intent(power="On"))
    assert found.error == "not sent: the freeze file forbids every write"
    assert found.quarantine is None
    assert lab.writes() == []
    lab.freeze.unlink()
    assert lab.converge(lab.intent(power="On"), before=found).power == "On"

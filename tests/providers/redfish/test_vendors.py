"""Vendor profiles: which one fits, what it knows, and where it is known from."""

from __future__ import annotations

import pytest

from aifactory_iac.providers.machine.intent import Controller, MachineIntent
from aifactory_iac.providers.machine.look import Looker, NoSystemError
from aifactory_iac.providers.redfish.vendor import profile_of, profiles


def test_every_quirk_names_its_source():
    for profile in profiles().values():
        for quirk in profile.quirks:
            assert quirk.what
            assert len(quirk.source) > 8


@pytest.mark.parametrize(
    ("vendor", "systems", "profile"),
    [
        ("AMI", ("DGX", "HGX_Baseboard_0"), "nvidia-dgx"),
        ("AMI", ("HGX_Baseboard_0", "DGX"), "nvidia-dgx"),
        ("NVIDIA", ("HGX_Baseboard_0", "System_0"), "nvidia-gb200"),
        ("Dell", ("System.Embedded.1",), "dell-idrac"),
        ("HPE", ("1",), "hpe-ilo"),
        ("Supermicro", ("1",), "supermicro"),
        ("Somebody", ("1",), "generic"),
        ("AMI", ("Self",), "generic"),
    ],
)
def test_the_most_particular_profile_fits(vendor, systems, profile):
    assert profile_of(vendor, systems).id == profile


@pytest.mark.parametrize(
    ("profile", "component", "activation"),
    [
        ("nvidia-dgx", "HostBMC_0", "bmc-reset"),
        ("nvidia-dgx", "HostBIOS_0", "host-reset"),
        ("nvidia-dgx", "CPLDMB_0", "ac-cycle"),
        ("nvidia-dgx", "HGX_FW_GPU_SXM_1", "chassis-cycle"),
        ("nvidia-gb200", "FW_BMC_0", "bmc-reset"),
        ("nvidia-gb200", "HGX_FW_GPU_0", "ac-cycle"),
        ("generic", "BIOS", "host-reset"),
    ],
)
def test_activations_differ_by_component(profile, component, activation):
    assert profiles()[profile].activation(component) == activation


def test_a_real_power_cycle_is_asked_of_gb200_with_the_host_off():
    cycle = profiles()["nvidia-gb200"].ac_cycle
    assert cycle is not None
    assert (cycle.target.rpartition("/")[2], cycle.host) == ("NvidiaChassis.AuxPowerReset", "Off")
    assert profiles()["nvidia-dgx"].ac_cycle is None


INTENT = MachineIntent("n0001", Controller("10.0.0.1", None))


def look(lab, system=""):
    return lab.run(lambda client: Looker(client, system).look(INTENT, frozenset(), 0.0))


@pytest.mark.parametrize(
    ("model", "path"),
    [("dgx-h100", "/redfish/v1/Systems/DGX"), ("dgx-gb200", "/redfish/v1/Systems/System_0")],
)
def test_of_two_systems_the_host_is_looked_at(line, model, path):
    lab = line(model=model)
    assert look(lab).paths["system"] == path
    assert not any("HGX_Baseboard_0" in each for each in lab.requests())


def test_a_system_can_be_named(line):
    lab = line(model="dgx-h100")
    assert look(lab, "HGX_Baseboard_0").paths["system"].endswith("/HGX_Baseboard_0")


def test_a_name_that_no_system_has_is_told_with_those_there_are(line):
    lab = line(model="dgx-h100")
    with pytest.raises(NoSystemError, match=r"\(DGX, HGX_Baseboard_0\): give `system`"):
        look(lab, "System.9")


def test_a_second_look_takes_one_request(line):
    lab = line()

    async def twice(client):
        looker = Looker(client)
        for _ in range(2):
            await looker.look(INTENT, frozenset(), 0.0)

    lab.run(twice)
    system = "GET /redfish/v1/Systems/System.1"
    assert lab.requests("GET")[-2:] == [system, system]


def test_identity_is_read_in_one_spelling(line):
    lab = line(model="dgx-h100")
    seen = lab.run(lambda client: Looker(client).look(INTENT, frozenset({"macs"}), 0.0))
    assert seen.identity.serial == "SN0001"
    assert seen.identity.macs == ("02:00:00:00:00:01", "02:00:00:01:00:01")

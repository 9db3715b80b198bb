"""The specification: everything that is wrong is said at once, and what is written reads back."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aifactory_iac.lab.redfish.numbered import LOGIN, fleet_of, machine
from aifactory_iac.lab.redfish.spec import FleetSpec, Login, SpecError, dump, parse, read, schema

ONE = {"name": "n1", "address": "10.0.0.1", "serial": "S1", "uuid": "u-1"}
LOG_IN = {"username": "op", "password": "secret-1"}


def _problems(document: Any) -> list[str]:
    with pytest.raises(SpecError) as caught:
        parse(document)
    return list(caught.value.problems)


def test_little_is_enough() -> None:
    spec = parse({"machines": [ONE], "credentials": LOG_IN})

    assert spec.machines[0].model == "generic"
    assert spec.machines[0].power == "Off"
    assert (spec.pace, spec.tls, spec.log, spec.faults) == (1.0, None, None, None)


@pytest.mark.parametrize(
    ("document", "problems"),
    [
        ({}, ["machines: field required", "credentials: field required"]),
        ([], ["(document): input should be an object"]),
        (
            {"machines": [{**ONE, "seriall": "x"}], "credentials": LOG_IN, "paces": 1},
            ["machines.0.seriall: there is no such key here", "paces: there is no such key here"],
        ),
        (
            {"machines": [{"name": "n1"}], "credentials": LOG_IN},
            [
                "machines.0.address: field required",
                "machines.0.serial: field required",
                "machines.0.uuid: field required",
            ],
        ),
        (
            {"machines": [{**ONE, "power": "on"}], "credentials": LOG_IN},
            ["machines.0.power: input should be 'On' or 'Off'"],
        ),
        (
            {"machines": [ONE, ONE], "credentials": LOG_IN},
            [
                "machines: name `n1` is given to 2 machines; it must be unique",
                "machines: address `10.0.0.1` is given to 2 machines; it must be unique",
            ],
        ),
        (
            {"machines": [{**ONE, "model": "dgx-h1000"}], "credentials": LOG_IN, "pace": -1.0},
            [
                (
                    "machines.0.model: there is no model `dgx-h1000`; known are dell-like, "
                    "dgx-gb200, dgx-h100, generic, hpe-like, openbmc"
                ),
                "pace: -1.0 is negative; 0 is at once, 1 is real time",
            ],
        ),
        (
            {
                "machines": [
                    {
                        **ONE,
                        "model": "openbmc",
                        "bios": {"smtt": "x"},
                        "firmware": {"x": "1"},
                        "callback": "http://x/{ip}",
                        "network_image": "http://x/{",
                    }
                ],
                "credentials": LOG_IN,
            },
            [
                "machines.0.bios.smtt: is no BIOS attribute of openbmc; known are iommu, nps, smt",
                "machines.0.firmware.x: is no part of openbmc; known are bios_active, bmc_active",
                "machines.0.callback.ip: is no word to fill in; known are mac, name, serial, uuid",
                "machines.0.network_image: has a brace that stands alone; `{name}` is filled in",
            ],
        ),
        (
            {"schemaVersion": 2, "machines": [], "credentials": LOG_IN},
            ["schemaVersion: input should be 1"],
        ),
    ],
)
def test_all_that_is_wrong_is_said_at_once(document: Any, problems: list[str]) -> None:
    assert _problems(document) == problems


def test_two_machines_may_share_a_serial_for_that_is_a_fault_to_test() -> None:
    spec = parse({"machines": [ONE, {**ONE, "name": "n2", "address": "b"}], "credentials": LOG_IN})
    assert [m.serial for m in spec.machines] == ["S1", "S1"]


def test_a_file_that_is_missing_or_no_json_is_a_problem(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match=r"fleet.json: No such file or directory"):
        read(tmp_path / "fleet.json")
    (tmp_path / "fleet.json").write_text("{")
    with pytest.raises(SpecError, match=r"fleet.json: is not JSON"):
        read(tmp_path / "fleet.json")


@pytest.mark.parametrize(
    "text", ['{"username": "op", "password": "secret-1"}', "op:secret-1", "op:secret-1\n"]
)
def test_the_account_may_be_kept_in_a_file(tmp_path: Path, text: str) -> None:
    path = tmp_path / "login"
    path.write_text(text)
    spec = parse({"machines": [], "credentials": str(path)})
    assert spec.login == Login("op", "secret-1")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("secret-without-a-user", "is neither `user:password` nor JSON"),
        (":secret", "is neither `user:password` nor JSON"),
        ('{"user": "op", "pass": "secret"}', "is no JSON object with `username` and `password`"),
        ("{secret", "is no JSON object with `username` and `password`"),
    ],
)
def test_a_file_that_holds_none_is_complained_about_without_its_text(
    tmp_path: Path, text: str, problem: str
) -> None:
    path = tmp_path / "login"
    path.write_text(text)
    with pytest.raises(SpecError) as caught:
        _ = FleetSpec((), str(path)).login
    assert problem in str(caught.value)
    assert "secret" not in str(caught.value)


def test_a_missing_account_file_is_a_problem(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match=r"credentials: .*No such file"):
        _ = FleetSpec((), str(tmp_path / "none")).login


def test_a_password_is_not_shown() -> None:
    assert "secret-1" not in repr(parse({"machines": [], "credentials": LOG_IN}))
    assert LOGIN.password not in repr(fleet_of(1))


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.builds(
            lambda n, differences: replace(machine(n), **differences),
            st.integers(1, 9999),
            st.fixed_dictionaries(
                {},
                optional={
                    "power": st.sampled_from(["On", "Off"]),
                    "serial": st.text(max_size=20),
                    "macs": st.lists(st.text(max_size=17), max_size=3).map(tuple),
                    "bios": st.dictionaries(
                        st.sampled_from(["AssetTag", "BootRetryCount"]),
                        st.one_of(st.booleans(), st.integers(), st.text(max_size=4)),
                        max_size=2,
                    ),
                    "factory_credential": st.sampled_from([True, False, "beside"]),
                    "installed": st.none() | st.text(max_size=9),
                },
            ),
        ),
        unique_by=(lambda m: m.name, lambda m: m.address),
        max_size=4,
    ),
    st.floats(0, 10, allow_nan=False),
)
def test_what_is_written_reads_back(machines: list[Any], pace: float) -> None:
    spec = FleetSpec(tuple(machines), LOGIN, pace=pace)
    assert parse(json.loads(dump(spec))) == spec


def test_the_schema_documents_every_field() -> None:
    definitions = schema()["$defs"]
    for name in ("MachineSpec", "Tls", "Login"):
        for field, about in definitions[name]["properties"].items():
            assert about.get("description"), f"{name}.{field}"

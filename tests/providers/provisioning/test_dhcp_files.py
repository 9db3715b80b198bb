"""One service as Kea and as dnsmasq; `AIFACTORY_GOLDEN=write pytest FILE` writes the files anew."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aifactory_iac.providers.install.outside import (
    DnsmasqTest,
    Failed,
    KeaTest,
    Passed,
)
from aifactory_iac.providers.install.outside.verdict import installed
from aifactory_iac.providers.provisioning.files import DNSMASQ, KEA, digests, service_files
from aifactory_iac.providers.provisioning.kea import subnet_id
from aifactory_iac.providers.provisioning.service import read_service

GOLDEN = Path(__file__).with_name("golden")


def needs(program: str) -> None:
    if installed(program) is None:
        pytest.skip(f"NOT CHECKED: {program} is not installed")


def test_the_files_of_a_service(service):
    found = {name: content.decode() for name, content in service_files(service()).items()}
    if os.environ.get("AIFACTORY_GOLDEN") == "write":
        for name, text in found.items():
            (GOLDEN / name).parent.mkdir(parents=True, exist_ok=True)
            (GOLDEN / name).write_text(text, encoding="utf-8")
    kept = {
        path.relative_to(GOLDEN).as_posix(): path.read_text(encoding="utf-8")
        for path in GOLDEN.rglob("*")
        if path.is_file()
    }
    assert found == kept


CASES = {
    "everything": {},
    "no boot over the network": {"bootMethods": ["media"], "tftp": None},
    "no TFTP": {"tftp": None},
    "TFTP by another server": {"tftp": {"address": "10.0.0.7"}},
    "only firmware over HTTP": {"bootMethods": ["http"], "tftp": None, "interfaces": ["lo"]},
    "no reservations": {"reservations": {}},
    "as a program declares it": {
        "subnets": {"in-band": {"cidr": "10.0.0.0/24"}},
        "reservations": {},
        "endpoint": None,
        "tftp": None,
    },
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("checker", [KeaTest(), DnsmasqTest()], ids=lambda one: one.program)
def test_the_real_program_passes_what_we_render(case, checker, service):
    needs(checker.program)
    assert asyncio.run(checker.check(service_files(service(**CASES[case])))) == Passed()


def test_interfaces_of_another_machine_do_not_fail_the_test_of_kea(service):
    needs("kea-dhcp4")
    files = service_files(service(interfaces=["eth9"]))
    assert b'"eth9"' in files[KEA]
    assert asyncio.run(KeaTest().check(files)) == Passed()


def with_reservation(files: dict[str, bytes], **changes: str) -> dict[str, bytes]:
    """The files as somebody might write them by hand: one more reservation of the first subnet."""
    document = json.loads(files[KEA])
    subnet = document["Dhcp4"]["subnet4"][0]
    first = subnet["reservations"][0]
    own = {"hw-address": "aa:bb:cc:00:99:99", "ip-address": "10.0.0.99", "hostname": "other"}
    subnet["reservations"].append(first | own | changes)
    return files | {KEA: json.dumps(document).encode()}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"hw-address": "aa:bb:cc:00:11:22"}, "has already been added"),
        ({"ip-address": "192.0.2.1"}, "192.0.2.1"),
        ({"hw-address": "no card"}, "no card"),
    ],
)
def test_kea_refuses(changes, said, service):
    needs("kea-dhcp4")
    found = asyncio.run(KeaTest().check(with_reservation(service_files(service()), **changes)))
    assert isinstance(found, Failed)
    assert said in "\n".join(found.lines)


def test_the_blind_spot_of_kea_is_still_there(service):
    """Two reservations of one host name; `collisions` refuses them."""
    needs("kea-dhcp4")
    files = with_reservation(service_files(service()), hostname="n1")
    assert asyncio.run(KeaTest().check(files)) == Passed()


def dnsmasq(files: dict[str, bytes], line: str) -> dict[str, bytes]:
    return files | {DNSMASQ: files[DNSMASQ] + f"{line}\n".encode()}


@pytest.mark.parametrize(
    "line",
    [
        "no-such-option",
        "dhcp-host=zz:bb:cc:00:11:22,10.0.0.5",
        "dhcp-host=aa:bb:cc:00:9:9,10.0.0.11",
    ],
)
def test_dnsmasq_refuses(line, service):
    needs("dnsmasq")
    found = asyncio.run(DnsmasqTest().check(dnsmasq(service_files(service()), line)))
    assert isinstance(found, Failed)


def test_the_blind_spot_of_dnsmasq_is_still_there(service):
    """Two reservations of one card; `collisions` refuses them."""
    needs("dnsmasq")
    files = dnsmasq(service_files(service()), "dhcp-host=aa:bb:cc:00:11:22,10.0.0.99,other")
    assert asyncio.run(DnsmasqTest().check(files)) == Passed()


@settings(deadline=None, max_examples=30)
@given(seed=st.randoms(use_true_random=False))
def test_the_order_of_mappings_changes_nothing(seed):
    inputs = json.loads((GOLDEN.parent / "inputs.json").read_text(encoding="utf-8"))

    def shuffled(value: object) -> object:
        if isinstance(value, dict):
            items = [(key, shuffled(item)) for key, item in value.items()]
            seed.shuffle(items)
            return dict(items)
        return value

    plain, mixed = read_service(inputs).value, read_service(shuffled(inputs)).value
    assert plain is not None
    assert mixed is not None
    assert digests(service_files(mixed)) == digests(service_files(plain))


def test_a_subnet_keeps_its_number_whatever_comes_beside_it():
    assert subnet_id("10.0.0.0/24") == 10 * 2**24
    assert subnet_id("10.0.0.0/16") == 10 * 2**24
    assert subnet_id("0.0.0.0/1") == 1

"""Which BIOS attributes there are, and what is wrong with those that are wanted."""

from __future__ import annotations

import asyncio

import pytest

from aifactory_iac.providers.redfish.attribute_registry import (
    AttributeRegistries,
    attribute_failures,
    entries_of,
)
from aifactory_iac.providers.redfish.outcome import Answer, MissingError

DOCUMENT = {
    "RegistryEntries": {
        "Attributes": [
            {
                "AttributeName": "ProcTurboMode",
                "Type": "Enumeration",
                "Value": [{"ValueName": "Enabled"}, {"ValueName": "Disabled"}],
            },
            {"AttributeName": "Retries", "Type": "Integer", "LowerBound": 0, "UpperBound": 10},
            {"AttributeName": "Sriov", "Type": "Boolean"},
            {"AttributeName": "AssetTag", "Type": "String"},
            {"AttributeName": "SystemBiosVersion", "Type": "String", "ReadOnly": True},
            {"AttributeName": "Odd", "Type": "VendorsOwn"},
            {"DisplayName": "has no name"},
        ]
    }
}
ENTRIES = entries_of(DOCUMENT)


def test_what_counts_of_a_registry():
    assert ENTRIES == {
        "ProcTurboMode": {"type": "Enumeration", "values": ["Enabled", "Disabled"]},
        "Retries": {"type": "Integer", "lower": 0, "upper": 10},
        "Sriov": {"type": "Boolean"},
        "AssetTag": {"type": "String"},
        "SystemBiosVersion": {"type": "String", "fixed": True},
        "Odd": {"type": "VendorsOwn"},
    }
    assert entries_of({}) == {}
    assert entries_of({"RegistryEntries": None}) == {}


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("ProcTurboMode", "Enabled", None),
        ("ProcTurboMode", "enabled", "is none of `Enabled`, `Disabled`; did you mean `Enabled`?"),
        ("ProcTurboMode", True, "is none of `Enabled`, `Disabled`"),
        (
            "ProcTurboMod",
            "Enabled",
            "is no BIOS attribute of these machines; did you mean `ProcTurboMode`?",
        ),
        ("Retries", 0, None),
        ("Retries", -1, "is -1; the least is 0"),
        ("Retries", 11, "is 11; the most is 10"),
        ("Retries", "3", "has to be a whole number"),
        ("Retries", True, "has to be a whole number"),
        ("Sriov", False, None),
        ("Sriov", "Enabled", "has to be a truth value"),
        ("AssetTag", "r7-u12", None),
        ("AssetTag", 7, "has to be a text"),
        ("SystemBiosVersion", "2", "can be read, and not set"),
        ("Odd", [1], None),
    ],
)
def test_what_is_wrong_is_said_with_the_way_out(name, value, reason):
    expected = [] if reason is None else [(name, reason)]
    assert list(attribute_failures({name: value}, ENTRIES)) == expected


class Controller:
    """Answers what it is given, and counts."""

    def __init__(self, answers):
        self.answers = answers
        self.asked = []

    async def get(self, path):
        self.asked.append(path)
        if path not in self.answers:
            raise MissingError(f"GET {path}", "404")
        return Answer(200, self.answers[path])


PLACE = {"Location": [{"Language": "en", "Uri": "/redfish/v1/r/R1.json"}]}


def test_a_registry_is_read_once(tmp_path):
    registries = AttributeRegistries(tmp_path / "registries")
    controller = Controller({"/redfish/v1/Registries/R1": PLACE, "/redfish/v1/r/R1.json": DOCUMENT})
    for _ in range(2):
        asyncio.run(registries.learn("R1", controller))
    assert controller.asked == ["/redfish/v1/Registries/R1", "/redfish/v1/r/R1.json"]
    assert registries.known("R1") == ENTRIES


@pytest.mark.parametrize(
    "answers",
    [
        {},
        {"/redfish/v1/Registries/R1": {}},
        {"/redfish/v1/Registries/R1": PLACE},
        {"/redfish/v1/Registries/R1": PLACE, "/redfish/v1/r/R1.json": {}},
    ],
)
def test_a_controller_that_has_none_teaches_nothing(tmp_path, answers):
    registries = AttributeRegistries(tmp_path)
    asyncio.run(registries.learn("R1", Controller(answers)))
    asyncio.run(registries.learn("", Controller(answers)))
    assert registries.known("R1") is None

"""A plant of emulated machines, and the inputs of a node group that it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from aifactory_iac.lab.redfish.fleet import Fleet
from aifactory_iac.lab.redfish.numbered import LOGIN, fleet_of
from aifactory_iac.providers.surroundings import Lab

GROUP = "aifactory:metal:NodeGroup"
READS = ("GET", "HEAD")


@dataclass
class Plant:
    """A running fleet with the logs of its controllers."""

    fleet: Fleet
    lab: Lab

    def records(self, kind: str, name: str | None = None) -> list[Mapping[str, Any]]:
        return [
            record
            for record in self.fleet.journal.records
            if record["kind"] == kind and name in (None, record["machine"])
        ]

    def writes(self, name: str | None = None) -> list[str]:
        """`machine METHOD path` of what could have changed something; sessions come and go."""
        return [
            f"{record['machine']} {record['method']} {record['path']}"
            for record in self.records("request", name)
            if record["method"] not in READS and "/SessionService/" not in record["path"]
        ]

    def resets(self, name: str | None = None) -> list[str]:
        return [
            record["machine"]
            for record in self.records("effect", name)
            if record["effect"] == "reset"
        ]

    def forget(self) -> None:
        """Begins the log anew."""
        self.fleet.call(self.fleet.journal.records.clear)

    def call(self, name: str, act: Callable[[Any], Any]) -> None:
        """Somebody at the console: does something with the machine itself."""
        machine = self.fleet.machines[name]

        def change() -> None:
            act(machine)
            machine.effect("changed-by-hand")

        self.fleet.call(change)


@pytest.fixture
def plant(tmp_path: Path) -> Iterator[Callable[..., Plant]]:
    """Starts fleets over TLS, of like machines or of given ones, in time a thousand times fast."""
    started: list[Fleet] = []

    def start(
        count: int = 4,
        *,
        faults: str | None = None,
        differ: Mapping[str, Mapping[str, Any]] | None = None,
        pace: float = 0.0,
        **like: Any,
    ) -> Plant:
        folder = tmp_path / f"fleet{len(started)}"
        folder.mkdir()
        spec = fleet_of(count, folder, pace=pace, **like)
        machines = tuple(
            replace(each, **(differ or {}).get(each.name, {})) for each in spec.machines
        )
        place = folder / "faults.yaml"
        place.write_text(faults or "faults: []\n", encoding="utf-8")
        fleet = Fleet(replace(spec, machines=machines, faults=str(place)))
        started.append(fleet)
        fleet.start()
        secret = folder / "credentials"
        secret.write_text(f"{LOGIN.username}:{LOGIN.password}", encoding="utf-8")
        lab = Lab(fleet.endpoints, {"vault:bmc": str(secret)}, str(folder / "lab-ca.pem"))
        return Plant(fleet, lab)

    yield start
    for fleet in started:
        fleet.stop()


def machines_of(plant: Plant, rack_of: int = 4) -> dict[str, dict[str, Any]]:
    names = sorted(plant.fleet.machines)
    return {
        name: {
            "rack": f"r{at // rack_of + 1:02}",
            "unit": at % rack_of + 1,
            "slot": at + 1,
            "bmc": plant.fleet.machines[name].spec.address,
            "address": f"10.1.{at // 250}.{at % 250 + 1}",
        }
        for at, name in enumerate(names)
    }


def inputs_of(plant: Plant, **differences: Any) -> dict[str, Any]:
    inputs = {
        "site": "fra1",
        "pool": "train",
        "scalableUnit": 1,
        "system": "generic",
        "machines": machines_of(plant),
        "boot": {"method": "media", "secure": False},
        "disks": {"wipe": "never", "encrypt": False},
        "rollout": {"unavailable": 1, "drain": True},
        "domain": "fra1.example.org",
        "image": {"os": "ubuntu-24.04"},
        "bmc": {"credentials": {"store": "vault", "path": "bmc"}, "tls": "site-ca"},
        **differences,
    }
    return {key: value for key, value in inputs.items() if value is not None}


@pytest.fixture
def group_of() -> Callable[..., dict[str, Any]]:
    """Inputs of a node group that is the plant; what is None is left out."""
    return inputs_of

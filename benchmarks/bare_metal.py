"""A node group of a thousand machines, whose controllers answer in 100 ms each.

The fleet is the lab's own, in a process of its own, over TLS; the plug-in is the process that the
engine starts, asked over gRPC. "One after another" is the same plug-in with `parallel: 1`, measured
on a sample of the same machines and scaled to all of them: all of them would take an hour and more.

    python benchmarks/bare_metal.py                       # about six minutes
    python benchmarks/bare_metal.py --machines 200 --sample 10

Exits with 1 when a figure that was promised is missed.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from measure import within
from plugin_client import Cost, PluginProcess, cpu_of, struct
from pulumi.runtime.proto import provider_pb2

from aifactory_iac.lab.redfish.numbered import LOGIN, fleet_of
from aifactory_iac.lab.redfish.process import FleetProcess
from aifactory_iac.lab.redfish.spec import FleetSpec
from aifactory_iac.lab.redfish.witness import Witness

TOKEN = "aifactory:metal:NodeGroup"
DELAY = 0.1
FASTER, MEMORY, AGAIN, CPU = 20.0, 500.0, 0.2, 15.0
RACK = 8
ABOUT = {"urn": f"urn:pulumi:b::b::{TOKEN}::g", "name": "g", "type": TOKEN}


def inputs(spec: FleetSpec, first: int, last: int) -> dict[str, Any]:
    """A group of machines that are off, and are to be on with another BIOS setting."""
    machines = {
        machine.name: {
            "rack": f"r{at // RACK:03}",
            "unit": at % RACK + 1,
            "slot": at + 1,
            "bmc": machine.address,
            "address": f"10.1.{at // 250}.{at % 250 + 1}",
        }
        for at, machine in enumerate(spec.machines[first:last])
    }
    return {
        "site": "fra1",
        "pool": "train",
        "scalableUnit": 1,
        "system": "generic",
        "machines": machines,
        "boot": {"method": "media", "secure": False},
        "disks": {"wipe": "never", "encrypt": False},
        "rollout": {"unavailable": 1, "drain": True},
        "domain": "fra1.example.org",
        "image": {"os": "ubuntu-24.04"},
        "bmc": {"credentials": {"store": "vault", "path": "bmc"}, "tls": "site-ca"},
        "bios": {"ProcTurboMode": "Disabled"},
        "power": "On",
    }


def created(plugin: PluginProcess, wanted: Any) -> tuple[Any, Cost]:
    request = provider_pb2.CreateRequest(**ABOUT, properties=wanted)
    answer, cost = plugin.ask("Create", request)
    return answer.properties, cost


def checked(plugin: PluginProcess, group: dict[str, Any]) -> Any:
    answer, _ = plugin.ask("Check", provider_pb2.CheckRequest(**ABOUT, news=struct(group)))
    if answer.failures:
        raise SystemExit(str(answer.failures))
    return answer.inputs


def main() -> int:
    """Prints the figures; exits with 1 when one is over its limit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--machines", type=int, default=1000)
    parser.add_argument("--sample", type=int, default=20)
    parser.add_argument("--parallel", type=int, default=64)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        return measured(Path(folder), chosen.machines, chosen.sample, chosen.parallel)


def measured(folder: Path, count: int, sample: int, parallel: int) -> int:
    faults = folder / "faults.yaml"
    faults.write_text(f"faults: [{{name: slow, do: {{kind: delay, seconds: {DELAY}}}}}]\n")
    log = folder / "fleet.jsonl"
    spec = replace(fleet_of(count + sample, folder), faults=str(faults), log=str(log))
    with FleetProcess.of(spec, folder) as fleet:
        secret, lab = folder / "credentials", folder / "lab.json"
        secret.write_text(f"{LOGIN.username}:{LOGIN.password}")
        lab.write_text(
            json.dumps(
                {
                    "endpoints": dict(fleet.endpoints),
                    "credentials": {"vault:bmc": str(secret)},
                    "ca": str(folder / "lab-ca.pem"),
                }
            )
        )
        settings = {"stateDir": str(folder / "state"), "lab": str(lab), "pace": "0.1"}
        with PluginProcess({**settings, "parallel": "1"}) as plugin:
            wanted = checked(plugin, inputs(spec, count, count + sample))
            _, serial = created(plugin, wanted)
        each = serial.wall / sample
        with PluginProcess({**settings, "parallel": str(parallel)}) as plugin:
            wanted = checked(plugin, inputs(spec, 0, count))
            before = cpu_of(fleet.pid)
            state, first = created(plugin, wanted)
            others = cpu_of(fleet.pid) - before
            number = Witness.read(log).last
            request = provider_pb2.UpdateRequest(
                **ABOUT, id="g", olds=state, old_inputs=wanted, news=wanted
            )
            answer, again = plugin.ask("Update", request)
            later = Witness.read(log).since(number)
            read, look = plugin.ask(
                "Read", provider_pb2.ReadRequest(**ABOUT, id="g", inputs=wanted, properties=state)
            )
            diff, compare = plugin.ask(
                "Diff",
                provider_pb2.DiffRequest(
                    **ABOUT, id="g", olds=read.properties, old_inputs=wanted, news=wanted
                ),
            )
            memory = plugin.most_mib
    spent = f"{1000 * first.cpu / count:9.1f} ms, {1000 * others / count:.1f} ms"
    print(f"{count} controllers that answer in {DELAY * 1000:g} ms, parallel {parallel}, seconds")
    print(f"  one after another, {sample} of them, each        {each:9.2f} s")
    print(f"  all of them to the desired state                {first.wall:9.2f} s")
    print(f"    CPU of the plug-in and of the fleet, a machine  {spent}")
    print(f"  once more, with nothing to do                   {again.wall:9.2f} s")
    print(f"  only looked at                                  {look.wall:9.2f} s")
    ratio = count * each / first.wall
    ready = int(state.fields["ready"].number_value)
    same = answer.properties == state and diff.changes == provider_pb2.DiffResponse.DIFF_NONE
    cpu = 1000 * (look.cpu + compare.cpu) / count
    writes = len(later.writes())
    print(f"  faster than one after another (at least {FASTER:g})       {ratio:9.1f} x")
    holds = [
        ratio >= FASTER,
        within("machines that did not get there", count - ready, 0, ""),
        within("second run over the first", again.wall / first.wall, AGAIN, "x"),
        within("writes of the second run", writes, 0, ""),
        within("things that it changed", 0 if same else 1, 0, ""),
        within("peak memory of the plug-in", memory, MEMORY, "MiB"),
        within("CPU of the plug-in for a read and a diff, a machine", cpu, CPU, "ms"),
    ]
    return 0 if all(holds) else 1


if __name__ == "__main__":
    sys.exit(main())

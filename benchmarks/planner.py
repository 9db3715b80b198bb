"""Planner figures: ours against the SDK's own mocks, and against the engine where there is one.

The same synthetic AI-factory program runs in each: racks as components, half of the resources typed
AWS instances, half Kubernetes config maps, with parents, secrets, aliases and dependencies. Every
run has a process of its own; imports are done before the clock starts. CPU seconds are compared,
not wall time, so that a busy machine matters little.

    python benchmarks/planner.py [--sizes 1000 10000] [--repeat 2]

Exits with 1 when a figure of the issue is missed.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

RATIO, GROWTH, ENGINE_RATIO = 0.5, 12.0, 5.0
PER_RACK = 9


def factory(resources: int):
    """A program that registers that many resources: a rack is a component with nine children."""
    import pulumi
    import pulumi_aws as aws
    import pulumi_kubernetes as k8s

    instance, config_map = aws.ec2.Instance, k8s.core.v1.ConfigMap  # loaded outside the clock

    class Rack(pulumi.ComponentResource):
        def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None) -> None:
            super().__init__("aifactory:onprem:Rack", name, {"slots": PER_RACK}, opts)
            child = pulumi.ResourceOptions(parent=self)
            last = None
            for slot in range(PER_RACK):
                if slot % 2 == 0:
                    last = instance(
                        f"{name}-node-{slot}",
                        ami="ami-0123456789",
                        instance_type="p5.48xlarge",
                        tags={"rack": name, "slot": str(slot)},
                        user_data=pulumi.Output.secret(f"token-{name}-{slot}"),
                        opts=child,
                    )
                else:
                    after = pulumi.ResourceOptions(parent=self, depends_on=[last])
                    config_map(
                        f"{name}-map-{slot}",
                        metadata={"labels": {"rack": name}},
                        data={"address": last.private_ip, "slot": str(slot)},
                        opts=after,
                    )
            self.register_outputs({"slots": PER_RACK})

    def program() -> None:
        for number in range(resources // (PER_RACK + 1)):
            alias = pulumi.ResourceOptions(aliases=[pulumi.Alias(name=f"r{number}")])
            Rack(f"rack-{number:05d}", alias)
        pulumi.export("racks", resources // (PER_RACK + 1))

    return program


def ours(resources: int) -> int:
    """The offline planner: construction, comparison, and the sealed document as bytes."""
    from aifactory_iac.deploy import Deployment, Plan, plan_units
    from aifactory_iac.deploy.sealing import canonical
    from aifactory_iac.program.unit import Unit

    program = factory(resources)
    CLOCK.start()
    unit = Unit("fra1", "compute", (), (), ())
    units = plan_units((unit,), Deployment("bench"), None, lambda _unit, _ports: program())
    document = Plan("bench", "dev", {"name": "bench", "version": "1"}, units).document()
    canonical(document)
    return document["counts"]["create"]


def mocks(resources: int) -> int:
    """The SDK's own mocks in preview mode; they give no plan, only run the program."""
    import pulumi

    made = 0

    class Mocks(pulumi.runtime.Mocks):
        def new_resource(self, args):
            nonlocal made
            made += 1
            return "", args.inputs

        def call(self, args):
            del args
            return {}

    program = factory(resources)
    CLOCK.start()
    pulumi.runtime.set_mocks(Mocks(), "bench", "dev", preview=True)
    pulumi.runtime.test(program)()
    return made


def engine(resources: int) -> int:
    """`pulumi preview` of the program through the Automation API, with a provider that echoes."""
    from echo_provider import serving
    from pulumi import automation

    program = factory(resources)
    with tempfile.TemporaryDirectory() as folder, serving() as port:
        work = Path(folder) / "work"
        work.mkdir()
        options = automation.LocalWorkspaceOptions(
            work_dir=str(work),
            secrets_provider="passphrase",
            env_vars={
                "PULUMI_HOME": f"{folder}/home",
                "PULUMI_BACKEND_URL": f"file://{folder}",
                "PULUMI_CONFIG_PASSPHRASE": "bench",
                "PULUMI_SKIP_UPDATE_CHECK": "true",
                "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
                "PULUMI_DEBUG_PROVIDERS": f"aws:{port},kubernetes:{port}",
            },
        )
        stack = automation.create_or_select_stack(
            "dev", project_name="bench", program=program, opts=options
        )
        CLOCK.start()
        summary = stack.preview().change_summary
    return sum(summary.values()) - 1


VARIANTS = {"ours": ours, "mocks": mocks, "engine": engine}


class Clock:
    """CPU seconds of this process and of the children that ended."""

    def __init__(self) -> None:
        self.began = 0.0

    def start(self) -> None:
        self.began = self.now()

    def now(self) -> float:
        return time.process_time() + sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2])


CLOCK = Clock()


def run_here(variant: str, size: int) -> None:
    """One measurement in this process, as a line of JSON."""
    made = VARIANTS[variant](size)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps({"cpu": CLOCK.now() - CLOCK.began, "resources": made, "mib": peak}))


def measure(variant: str, size: int, repeat: int) -> dict[str, float]:
    """The best of some runs, each in a process of its own."""
    here = Path(__file__)
    path = os.pathsep.join([str(here.parent), str(here.parent.parent)])
    runs = []
    for _ in range(repeat):
        done = subprocess.run(
            [sys.executable, str(here), "--run", variant, str(size)],
            env={**os.environ, "PYTHONPATH": path},
            check=True,
            capture_output=True,
            text=True,
        )
        runs.append(json.loads(done.stdout.splitlines()[-1]))
    return min(runs, key=lambda run: run["cpu"])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--sizes", nargs="+", type=int, default=[1000, 10000])
    parser.add_argument("--repeat", type=int, default=2)
    parser.add_argument("--run", nargs=2, metavar=("VARIANT", "SIZE"), help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.run:
        run_here(chosen.run[0], int(chosen.run[1]))
        return 0
    return compare(sorted(chosen.sizes), chosen.repeat)


def compare(sizes: list[int], repeat: int) -> int:
    """Measures, prints the table, and says which figures are missed."""
    with_engine = shutil.which("pulumi") is not None
    print(f"{'resources':>9} {'variant':>8} {'CPU s':>8} {'ms each':>8} {'MiB':>6} {'of mocks':>9}")
    found = {}
    missed = []
    for size in sizes:
        variants = ["ours", "mocks", *(["engine"] if with_engine and size == sizes[0] else [])]
        runs = {variant: measure(variant, size, repeat) for variant in variants}
        found[size] = runs["ours"]["cpu"]
        show(size, runs)
        missed += judge(size, runs)
    growth = found[sizes[-1]] / found[sizes[0]]
    most = GROWTH * sizes[-1] / sizes[0] / 10
    print(f"growth from {sizes[0]} to {sizes[-1]}: {growth:.1f} (at most {most:.1f})")
    if len(sizes) > 1 and growth > most:
        missed.append(f"growth {growth:.1f}, at most {most:.1f} asked")
    if not with_engine:
        print("no pulumi on PATH: the engine was not measured")
    for line in missed:
        print(f"MISSED: {line}")
    return 1 if missed else 0


def show(size: int, runs: dict[str, dict[str, float]]) -> None:
    for variant, run in runs.items():
        print(
            f"{size:>9} {variant:>8} {run['cpu']:>8.2f} {1000 * run['cpu'] / size:>8.2f} "
            f"{run['mib']:>6.0f} {run['cpu'] / runs['mocks']['cpu']:>9.2f}"
        )


def judge(size: int, runs: dict[str, dict[str, float]]) -> list[str]:
    """What the runs of one size miss of the figures that were asked."""
    missed = [
        f"{variant} saw {run['resources']} resources of {size}"
        for variant, run in runs.items()
        if run["resources"] != size
    ]
    ratio = runs["ours"]["cpu"] / runs["mocks"]["cpu"]
    if ratio > RATIO:
        missed.append(f"{size}: {ratio:.2f} of the mocks' CPU, at most {RATIO} asked")
    if "engine" in runs:
        times = runs["engine"]["cpu"] / runs["ours"]["cpu"]
        print(f"the engine's preview takes {times:.1f} times our CPU")
        if times < ENGINE_RATIO:
            missed.append(f"the engine takes {times:.1f} times, at least {ENGINE_RATIO} asked")
    return missed


if __name__ == "__main__":
    raise SystemExit(main())

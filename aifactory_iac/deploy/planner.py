"""Makes plans: constructs units offline, compares each with its last state, gathers the rest."""

from __future__ import annotations

import importlib.metadata
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from aifactory_iac.deploy import naming, ports, recall, tables
from aifactory_iac.deploy.backend import FileBackend
from aifactory_iac.deploy.model import Plan, UnitPlan
from aifactory_iac.deploy.offline import ConstructedUnit, Deployment, Runner, construct_units
from aifactory_iac.deploy.sealing import digest_of
from aifactory_iac.deploy.secrets import ambient_passphrase
from aifactory_iac.deploy.state import NEVER_APPLIED, State
from aifactory_iac.findings import Finding
from aifactory_iac.program.unit import Unit

if TYPE_CHECKING:
    from aifactory_iac.blueprint import Loaded
    from aifactory_iac.catalog import Catalog
    from aifactory_iac.deploy.comparison import Comparison
    from aifactory_iac.design.estimate import Estimate
    from aifactory_iac.design.model import Design
    from aifactory_iac.policy import Verdict
    from aifactory_iac.program.lower import Lowered

_PACKAGES = ("aifactory-iac", "pulumi", "pulumi-aws", "pulumi-kubernetes")


class Backend(Protocol):
    """Where last states are, such as `backend.FileBackend`."""

    def load(self, project: str, stack: str) -> State:
        """The last state of a stack; `NEVER_APPLIED` when there is none."""


def deployment_of(loaded: Loaded, stack: str | None = None) -> Deployment:
    """The Pulumi names of a loaded blueprint: its own name, and that of its stack file if any.

    Raises `ValueError` when the document is invalid: there is nothing to plan then.
    """
    if loaded.blueprint is None:
        raise ValueError("an invalid blueprint has no plan")
    named = loaded.stack.metadata.name if loaded.stack is not None else naming.DEFAULT_STACK
    return Deployment(
        project=naming.project_name(loaded.blueprint.metadata.name), stack=stack or named
    )


def load_states(
    units: Iterable[Unit], deployment: Deployment, backend: Backend
) -> dict[str, State]:
    """The last state of every unit, by unit name."""
    return {
        unit.name: backend.load(deployment.project, naming.stack_name(unit, deployment.stack))
        for unit in units
    }


def plan_units(
    units: Sequence[Unit],
    deployment: Deployment,
    states: Mapping[str, State] | None = None,
    runner: Runner | None = None,
    constructed: Sequence[ConstructedUnit] = (),
) -> tuple[UnitPlan, ...]:
    """The plans of units in dependency order.

    `states` are last states by unit name; those of units that are not planned give their outputs.
    `constructed` are constructions without state (`construct_units`): a unit that was never
    applied, and takes only from such, is not run a second time.
    """
    from aifactory_iac.deploy.comparison import Comparison

    known = dict(states or {})
    reusable = {done.unit.name: done for done in constructed}
    values = _known_ports(known, {unit.name for unit in units})
    environment = recall.recalled(units, deployment, known)
    fresh: set[str] = set()
    said: set[str] = set()
    plans = []
    for unit in units:
        state = known.get(unit.name, NEVER_APPLIED)
        comparison = Comparison(unit.name, state)
        givers = {port.rpartition(".")[0] for port in ports.taken(unit)}
        if state == NEVER_APPLIED and unit.name in reusable and givers <= fresh:
            done = reusable[unit.name]
            for resource in done.construction.resources:
                comparison.answer(resource)
        else:
            (done,) = construct_units(
                (unit,), deployment, runner, {unit.name: comparison}, values, environment
            )
            assumed = recall.deferred(unit) & set(environment) - said
            comparison.findings += recall.assumed(assumed)
            said |= assumed
        if state == NEVER_APPLIED and givers <= fresh:
            fresh.add(unit.name)
        values.update(ports.given(unit, done.construction.outputs))
        plans.append(_unit_plan(unit, done, comparison, state, {each.name for each in units}))
    return tuple(plans)


def _known_ports(states: Mapping[str, State], planned: set[str]) -> dict[str, Any]:
    return {
        f"{name}.{output}": value
        for name, state in sorted(states.items())
        if name not in planned
        for output, value in state.outputs.items()
    }


def _unit_plan(
    unit: Unit, done: ConstructedUnit, comparison: Comparison, state: State, planned: set[str]
) -> UnitPlan:
    needs = {port.rpartition(".")[0] for port in ports.taken(unit)} & planned
    return UnitPlan(
        name=unit.name,
        site=unit.site,
        layer=unit.layer,
        stack=done.stack,
        needs=tuple(sorted(needs - {unit.name})),
        applied=bool(state.digest),
        complete=done.construction.complete,
        state=state.digest,
        resources=done.construction.resources,
        changes=comparison.changes(complete=done.construction.complete and state.readable),
        outputs=done.construction.outputs,
        findings=(*done.construction.findings, *state.findings, *comparison.findings),
    )


def plan(
    loaded: Loaded,
    design: Design,
    lowered: Lowered,
    verdict: Verdict | None = None,
    deployment: Deployment | None = None,
    *,
    catalog: Catalog | None = None,
    state: Path | Mapping[str, State] | None = None,
    passphrase: str | None = None,
    runner: Runner | None = None,
    constructed: Sequence[ConstructedUnit] = (),
) -> Plan:
    """The plan of a loaded, designed and lowered blueprint against the last states of its units.

    `state` is the folder of a file backend, or the states by unit name. `passphrase` opens the
    secrets in the folder's states; when not given, that of the Pulumi CLI in the environment.
    Raises `ValueError` for an invalid document.
    """
    place = deployment or deployment_of(loaded)
    states = _states(state, lowered.units, place, passphrase)
    units = plan_units(lowered.units, place, states, runner, constructed)
    judged = verdict.document() if verdict is not None else None
    findings: list[Finding] = [*lowered.findings]
    for unit in units:
        findings += unit.findings
    return Plan(
        project=place.project,
        deployment=place.stack,
        blueprint={"name": design.blueprint, "version": design.version},
        units=units,
        findings=tuple(findings),
        verdict=judged,
        cost=_cost(design.economics.total),
        digests={
            "blueprint": loaded.digest,
            "catalog": catalog.digest if catalog is not None else "",
            "policies": digest_of(_rules(judged)),
            "tables": tables.digest(),
            "verdict": digest_of(_without_places(judged)),
        },
        versions=versions(),
    )


def _states(
    state: Path | Mapping[str, State] | None,
    units: Iterable[Unit],
    deployment: Deployment,
    passphrase: str | None,
) -> Mapping[str, State]:
    if isinstance(state, Path):
        key = passphrase if passphrase is not None else ambient_passphrase(os.environ)
        return load_states(units, deployment, FileBackend(state, key))
    return state or {}


def _rules(judged: Mapping[str, Any] | None) -> Any:
    """Which rules were asked, at which level, not what they said."""
    if judged is None:
        return None
    asked = [[rule["rule"], rule["level"]] for rule in judged.get("rules", ())]
    return [judged.get("profile"), judged.get("packs"), judged.get("failOn"), asked]


def _without_places(judged: Mapping[str, Any] | None) -> Any:
    if judged is None:
        return None
    prints = [finding.get("fingerprint") for finding in judged.get("findings", ())]
    return [judged.get("outcome"), prints]


def _cost(estimates: Mapping[str, Estimate]) -> dict[str, Any]:
    return {
        name: {
            "low": estimate.value.low,
            "mid": estimate.value.mid,
            "high": estimate.value.high,
            "unit": estimate.unit,
            "verified": estimate.verified,
        }
        for name, estimate in sorted(estimates.items())
    }


def versions() -> dict[str, str]:
    """Versions of the packages that decide what a program registers."""
    found = {}
    for package in _PACKAGES:
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            found[package] = "none"
    return found

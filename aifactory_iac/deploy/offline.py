"""Constructs units offline, one after the other, each with what the ones before it give."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aifactory_iac.deploy import naming, ports
from aifactory_iac.findings import Finding
from aifactory_iac.program.planned import PlannedResource
from aifactory_iac.program.unit import Unit

if TYPE_CHECKING:
    from aifactory_iac.deploy.construction import Construction
    from aifactory_iac.deploy.monitor import Prior

Runner = Callable[[Unit, Mapping[str, Any]], Any]
"""Constructs a unit's components with Pulumi and exports one stack output a `Give`; the second
argument maps the ports that the unit takes to values or Pulumi outputs. May be a coroutine
function."""


@dataclass(frozen=True, slots=True)
class Deployment:
    """Names and config of one deployment of a blueprint; config goes to every unit's program."""

    project: str
    stack: str = naming.DEFAULT_STACK
    config: Mapping[str, str] = field(default_factory=dict)
    config_secrets: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ConstructedUnit:
    """A unit with what its program registered."""

    unit: Unit
    stack: str
    construction: Construction


def construct_units(
    units: Iterable[Unit],
    deployment: Deployment,
    runner: Runner | None = None,
    priors: Mapping[str, Prior] | None = None,
    known_ports: Mapping[str, Any] | None = None,
    environment: Mapping[str, str] | None = None,
) -> tuple[ConstructedUnit, ...]:
    """Run the programs of the units, which have to be in dependency order.

    `priors` are the last states by unit name. `known_ports` are values for ports of units that
    are not among `units`, from their last state; any other port is unknown. `environment` are
    known values of deferred variables (`recall`); the process's own is never read.
    """
    run = runner or _shipped_runner(environment or {})
    values: dict[str, Any] = dict(known_ports or {})
    constructed = []
    for unit in units:
        done = _construct_unit(unit, deployment, run, (priors or {}).get(unit.name), values)
        values.update(ports.given(unit, done.construction.outputs))
        constructed.append(done)
    return tuple(constructed)


def planned_resources(
    units: Iterable[Unit], deployment: Deployment, runner: Runner | None = None
) -> tuple[tuple[PlannedResource, ...], tuple[Finding, ...]]:
    """Every resource of the units as if nothing existed yet, and what went wrong on the way.

    This is what the policy gate sees: it does not depend on any state.
    """
    return resources_of(construct_units(units, deployment, runner))


def resources_of(
    constructed: Iterable[ConstructedUnit],
) -> tuple[tuple[PlannedResource, ...], tuple[Finding, ...]]:
    """The resources of constructed units, and what went wrong on the way."""
    done = tuple(constructed)
    resources = tuple(resource for each in done for resource in each.construction.resources)
    findings = tuple(finding for each in done for finding in each.construction.findings)
    return resources, findings


def _construct_unit(
    unit: Unit,
    deployment: Deployment,
    run: Runner,
    prior: Prior | None,
    values: Mapping[str, Any],
) -> ConstructedUnit:
    from aifactory_iac.deploy.construction import Setting, construct

    stack = naming.stack_name(unit, deployment.stack)
    setting = Setting(
        project=deployment.project,
        stack=stack,
        unit=unit.name,
        config=deployment.config,
        config_secrets=deployment.config_secrets,
        origins={call.name: call.origin for call in unit.calls},
    )

    def program() -> Any:
        return run(unit, ports.as_inputs(values, ports.taken(unit)))

    return ConstructedUnit(unit, stack, construct(program, setting, prior))


def _shipped_runner(environment: Mapping[str, str]) -> Runner:
    from aifactory_iac.program.run import run_unit
    from aifactory_iac.program.values import Unresolved

    def run(unit: Unit, upstream: Mapping[str, Any]) -> None:
        run_unit(unit, upstream, Unresolved(environment))

    return run

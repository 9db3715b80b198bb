"""One pass over a factory: engineered once, lowered once, its programs run once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from aifactory_iac.api.factory import Factory, InvalidBlueprintError
from aifactory_iac.deploy import Plan, construct_units, deployment_of
from aifactory_iac.deploy import plan as planned
from aifactory_iac.design import design
from aifactory_iac.design.model import Design
from aifactory_iac.findings import Finding, Severity, has_blocking
from aifactory_iac.policy import Context, Verdict, Waivers, evaluate, load_rules, load_waivers
from aifactory_iac.program import Lowered, lower


@dataclass(frozen=True, slots=True)
class Gate:
    """How the policy gate is to be held.

    Attributes:
        packs: Rule packs to add to the profile's.
        profile: Policy profile instead of the blueprint's own.
        waivers: Waiver file; the stack's when not given.
        rules: Folders with rules of one's own.
        fail_on: Block from this severity on, whatever the profile says.
        at: Day on which expiry is judged; today, in UTC, when not given.
    """

    packs: tuple[str, ...] = ()
    profile: str | None = None
    waivers: Path | None = None
    rules: tuple[Path, ...] = ()
    fail_on: str | None = None
    at: dt.date | None = None


def built(factory: Factory) -> Design:
    """The design; raises `InvalidBlueprintError` when it says that something cannot be built."""
    engineered = design(factory.blueprint, factory.catalog)
    _refuse(factory, engineered.findings)
    return engineered


def lowered(factory: Factory, engineered: Design) -> Lowered:
    """The units; raises `InvalidBlueprintError` when the design cannot be lowered or wired."""
    units = lower(factory.blueprint, engineered, factory.catalog)
    _refuse(factory, units.findings)
    return units


def _refuse(factory: Factory, findings: Sequence[Finding]) -> None:
    if has_blocking(findings):
        raise InvalidBlueprintError(factory.locate(findings))


class Run:
    """The programs of a factory, run once; the gate and the plan both look at what they gave."""

    def __init__(self, factory: Factory) -> None:
        """Raises `InvalidBlueprintError` when the document is invalid, or cannot be built."""
        self.factory = factory
        self.design = built(factory)
        self.lowered = lowered(factory, self.design)
        self.deployment = deployment_of(factory.loaded)
        self.constructed = construct_units(self.lowered.units, self.deployment)
        for done in self.constructed:
            _refuse(factory, done.construction.findings)

    def verdict(self, gate: Gate) -> Verdict:
        """The gate's answer on what would be provisioned, whatever is there already."""
        context = Context(
            blueprint=self.factory.blueprint,
            design=self.design,
            planned=tuple(
                resource for done in self.constructed for resource in done.construction.resources
            ),
            catalog=self.factory.catalog,
            at=gate.at or dt.datetime.now(tz=dt.UTC).date(),
        )
        verdict = evaluate(
            context,
            load_rules(gate.rules),
            profile=gate.profile,
            packs=gate.packs,
            waivers=self._waivers(gate),
            fail_on=Severity(gate.fail_on) if gate.fail_on else None,
        )
        return verdict.located(lambda findings: self.factory.locate(tuple(findings)))

    def plan(self, verdict: Verdict, state: Path | None) -> Plan:
        """The sealed plan against the last state of every unit."""
        return planned(
            self.factory.loaded,
            self.design,
            self.lowered,
            verdict,
            self.deployment,
            catalog=self.factory.catalog,
            state=state or self._state(),
            constructed=self.constructed,
        )

    def _waivers(self, gate: Gate) -> Waivers | None:
        loaded = self.factory.loaded
        file = gate.waivers
        if file is None and loaded.stack is not None and loaded.stack.waivers is not None:
            file = self._beside_stack(loaded.stack.waivers)
        return load_waivers(file) if file is not None else None

    def _state(self) -> Path | None:
        stack = self.factory.loaded.stack
        if stack is None or not stack.backend.url.startswith("file://"):
            return None
        return self._beside_stack(stack.backend.url.removeprefix("file://"))

    def _beside_stack(self, name: str) -> Path:
        path = self.factory.loaded.stack_path
        return (path.parent if path is not None else Path()) / name

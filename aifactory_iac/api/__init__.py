"""The Python API, for notebooks and other tools: `load`, `design`, `check`, `plan`, as values.

    from aifactory_iac.api import load, design, check, plan

    factory = load("superpod-h100", parameters={"scalable_units": "2"})
    print(design(factory).pools["dgx"].gpus)      # 504
    print(check(factory).outcome)                 # "pass"
    print(plan(factory).counts)

Nothing here prints, asks, or raises for what a document says: findings come back as values. What
needs a valid document raises `InvalidBlueprintError`, which carries them. Cloud SDKs are imported
only by `check`, `plan` and `export`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aifactory_iac.api.factory import Factory, InvalidBlueprintError, load

if TYPE_CHECKING:
    from aifactory_iac.api.run import Gate
    from aifactory_iac.blueprint.explain import Explanation
    from aifactory_iac.deploy import Plan
    from aifactory_iac.design.model import Design
    from aifactory_iac.policy import RuleLibrary, Verdict
    from aifactory_iac.policy.example import Proof

__all__ = [
    "Factory",
    "Gate",
    "InvalidBlueprintError",
    "Planned",
    "check",
    "design",
    "explain",
    "export",
    "load",
    "plan",
    "planned",
    "prove",
    "results",
]


def __getattr__(name: str) -> Any:
    if name == "Gate":
        from aifactory_iac.api.run import Gate

        return Gate
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def design(factory: Factory) -> Design:
    """Engineers the factory: pure, and the same for the same input.

    The design's own `findings` say what cannot be built (at high severity or above) and what rests
    on a fact that no source proves. Raises `InvalidBlueprintError` when the document is invalid.
    """
    from aifactory_iac.design import design as engineer

    return engineer(factory.blueprint, factory.catalog)


def explain(factory: Factory, path: str) -> Explanation:
    """Where the value at a dotted path comes from, layer by layer, and what a change of it does."""
    from aifactory_iac.blueprint.explain import explain as explained

    return explained(factory.loaded, path)


def check(factory: Factory, gate: Gate | None = None) -> Verdict:
    """Holds the factory against the rules over blueprint, design and planned resources.

    `gate` says how; the blueprint's own profile, today, when not given. Raises
    `InvalidBlueprintError` when the document is invalid, or cannot be built.
    """
    from aifactory_iac.api.run import Gate, Run

    return Run(factory).verdict(gate or Gate())


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan with the design it was made from and the verdict it carries."""

    plan: Plan
    design: Design
    verdict: Verdict


def planned(factory: Factory, *, state: Path | None = None, gate: Gate | None = None) -> Planned:
    """As `plan`, with the design and the verdict beside it."""
    from aifactory_iac.api.run import Gate, Run

    run = Run(factory)
    verdict = run.verdict(gate or Gate())
    return Planned(run.plan(verdict, state), run.design, verdict)


def plan(factory: Factory, *, state: Path | None = None, gate: Gate | None = None) -> Plan:
    """Plans every resource, offline, against the last state where there is one.

    `state` is the folder of a Pulumi file backend, the stack's own when not given; `gate` as for
    `check`. Raises `InvalidBlueprintError` when the document is invalid, or cannot be built.
    """
    return planned(factory, state=state, gate=gate).plan


def export(factory: Factory) -> Mapping[str, str]:
    """The factory as a stand-alone Pulumi project: text by file name, writing nothing.

    Raises `InvalidBlueprintError` when the document is invalid, or cannot be built.
    """
    from aifactory_iac.api.run import built, lowered
    from aifactory_iac.program.export import export_project

    return export_project(lowered(factory, built(factory)), factory.blueprint)


def results(factory: Factory, verb: str) -> Mapping[str, Any]:
    """The JSON document of a verb (`design`, `estimate`, `check` or `plan`), as the CLI prints it.

    Raises `KeyError` for another verb and `InvalidBlueprintError` when the factory cannot be built.
    """
    if verb in ("design", "estimate"):
        from aifactory_iac.api.run import built
        from aifactory_iac.design import document
        from aifactory_iac.design.estimate_document import estimate_document

        engineered = built(factory)
        return document(engineered) if verb == "design" else estimate_document(engineered)
    if verb == "check":
        return check(factory).document()
    if verb == "plan":
        return plan(factory).document()
    raise KeyError(verb)


def prove(library: RuleLibrary, rule: str) -> tuple[Proof, ...]:
    """Runs all rules over the good and bad examples of one rule; empty faults are a proof.

    Examples run on the real design and the really planned resources. Raises `KeyError` for a rule
    that is not in the library.
    """
    from aifactory_iac.api.proof import proven

    return proven(library, rule)

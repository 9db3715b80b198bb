"""One unit of an AI factory as a Pulumi stack: `pulumi up` with a blueprint in its config.

A factory is as many stacks as it has units, named `<deployment>.<site>.<layer>`. Each takes what it
needs of the others through stack references, so they go up in the order that this program names
when it is given a unit that does not exist.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pulumi

from aifactory_iac import api
from aifactory_iac.findings import Finding, has_blocking, render_path
from aifactory_iac.program import Lowered, Unit, lower
from aifactory_iac.program.run import run_unit, upstream_from_stacks
from aifactory_iac.program.values import Ambient


def main() -> None:
    """Loads the blueprint, engineers the factory, and constructs the unit of this stack."""
    config = pulumi.Config("aifactory")
    factory = api.load(
        config.require("blueprint"),
        parameters=_texts(config.get_object("parameters") or {}),
        catalog=config.get_object("catalog") or (),
    )
    _stop_at(factory.findings)
    engineered = api.design(factory)
    lowered = lower(factory.blueprint, engineered, factory.catalog)
    _stop_at(factory.locate((*engineered.findings, *lowered.findings)))
    unit = _unit(lowered, config.get("unit") or _from_stack_name())
    run_unit(unit, upstream_from_stacks(unit, _stack_of), Ambient())


def _texts(parameters: Mapping[str, Any]) -> dict[str, str]:
    """Parameter values as the command line would write them."""
    return {
        name: value if isinstance(value, str) else json.dumps(value)
        for name, value in parameters.items()
    }


def _stop_at(findings: tuple[Finding, ...]) -> None:
    """Ends the program with everything that is wrong, if anything is."""
    if has_blocking(findings):
        lines = []
        for finding in findings:
            at = f"{finding.span.file}:{finding.span.line}: " if finding.span else ""
            lines.append(f"{at}{finding.message} ({render_path(finding.path)}, {finding.rule})")
        raise pulumi.RunError("the blueprint cannot be built:\n  " + "\n  ".join(lines))


def _from_stack_name() -> str:
    """`<site>/<layer>` of a stack named `<deployment>.<site>.<layer>`; empty for other names."""
    parts = pulumi.get_stack().split(".")
    return "/".join(parts[1:]) if len(parts) == 3 else ""


def _stack_of(unit: str) -> str:
    """Full name of the stack that holds another unit of this deployment."""
    deployment = pulumi.get_stack().split(".")[0]
    own = f"{deployment}.{unit.replace('/', '.')}"
    return f"{pulumi.get_organization()}/{pulumi.get_project()}/{own}"


def _unit(lowered: Lowered, name: str) -> Unit:
    """The named unit; ends the program with the list of units when there is none of that name."""
    for unit in lowered.units:
        if unit.name == name:
            return unit
    order = "\n  ".join(unit.name for unit in lowered.units)
    raise pulumi.RunError(
        f"there is no unit `{name}`: name the stack <deployment>.<site>.<layer>, or set "
        f"`aifactory:unit`, to one of these, which go up in this order:\n  {order}"
    )


main()

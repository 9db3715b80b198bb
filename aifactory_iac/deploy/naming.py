"""Names of Pulumi projects and stacks: one project a blueprint, one stack a unit of a deployment.

    project  metadata.name of the blueprint, such as `regulated-hybrid`
    stack    `<stack>.<site>.<layer>`, such as `prod.aws-fra.network`

Pulumi allows letters, digits, `-`, `_` and `.` in both, up to 100 characters; any other character
becomes `-`. The three parts contain no dot of their own, so two units never share a stack.
"""

from __future__ import annotations

import hashlib
import re

from aifactory_iac.program.unit import Unit

LONGEST = 100
DEFAULT_STACK = "dev"
_NOT_ALLOWED = re.compile(r"[^A-Za-z0-9_-]+")


def project_name(blueprint: str) -> str:
    """The Pulumi project of a blueprint, from the blueprint's name."""
    return _within(_part(blueprint))


def stack_name(unit: Unit, stack: str = DEFAULT_STACK) -> str:
    """The Pulumi stack of one unit of the deployment `stack`."""
    return _within(".".join(_part(part) for part in (stack, unit.site, unit.layer)))


def _part(text: str) -> str:
    return _NOT_ALLOWED.sub("-", text).strip("-") or "x"


def _within(name: str) -> str:
    """A name over the limit keeps its start and ends in a digest of the whole."""
    if len(name) <= LONGEST:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:8]
    return f"{name[: LONGEST - 9]}-{digest}"

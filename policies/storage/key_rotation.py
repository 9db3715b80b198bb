"""AIF-STO-014."""

from __future__ import annotations

import json
from typing import Any

from aifactory_iac.policy import UNKNOWN, Checks, Context, Severity, failed, passed, rule, value


@rule(
    id="AIF-STO-014",
    title="Keys rotate, and no key is for everybody",
    severity=Severity.MEDIUM,
    zone="data-storage",
    controls=("soc2:CC6.1", "iso27001:A.8.24", "nist800-53:SC-12"),
    needs=("resources",),
)
def key_rotation(factory: Context) -> Checks:
    """KMS keys rotate every year; a policy admits `*` under a condition only.

    A policy that is known only after apply is not read.
    """
    for key in factory.resources.of("aws:kms/key:Key"):
        rotates = value(key, "enableKeyRotation")
        if rotates is not True and rotates is not UNKNOWN:
            yield failed(
                key.origin,
                f"{key.name}:rotation",
                f"key `{key.name}` does not rotate",
                hint="set `enableKeyRotation: true`",
            )
        elif _for_everybody(value(key, "policy")):
            yield failed(
                key.origin,
                f"{key.name}:policy",
                f"the policy of key `{key.name}` admits every principal without a condition",
                hint="name principals, or add a condition such as `kms:CallerAccount`",
            )
        else:
            yield passed(key.origin, key.name)


def _for_everybody(policy: Any) -> bool:
    """Whether a statement allows everybody, whatever they come with. Not JSON is not a policy."""
    try:
        document = json.loads(policy) if isinstance(policy, str) else {}
    except ValueError:
        return False
    statements = document.get("Statement", []) if isinstance(document, dict) else []
    return any(
        value(statement, "Effect") == "Allow"
        and value(statement, "Principal") in ("*", {"AWS": "*"})
        and not value(statement, "Condition")
        for statement in (statements if isinstance(statements, list) else [statements])
    )

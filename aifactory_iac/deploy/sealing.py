"""Seals a plan document, and tells whether it still holds.

The seal is the SHA-256 over the canonical form of all but itself, in `digests.plan`. It shows that
a document was changed after it was made; that it was made by someone entitled to is for the
approval that carries the seal.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

from aifactory_iac.deploy.rules import found
from aifactory_iac.findings import Finding


def canonical(value: Any) -> bytes:
    """One byte form for equal values: sorted keys, no blanks, UTF-8."""
    text = json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )
    return text.encode("utf-8", "surrogatepass")


def digest_of(value: Any) -> str:
    """SHA-256 of the canonical form, in hexadecimal."""
    return hashlib.sha256(canonical(value)).hexdigest()


def seal(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document with its seal in `digests.plan`; an earlier seal is replaced."""
    unsealed = _unsealed(document)
    return {
        **unsealed,
        "digests": {**unsealed.get("digests", {}), "plan": digest_of(unsealed)},
    }


def verify_seal(document: Mapping[str, Any]) -> tuple[Finding, ...]:
    """Nothing when the document is as it was sealed; else one finding of severity critical."""
    digests = document.get("digests")
    held = digests.get("plan") if isinstance(digests, Mapping) else None
    if not isinstance(held, str):
        return (_broken("The plan carries no seal."),)
    try:
        expected = digest_of(_unsealed(document))
    except (TypeError, ValueError):
        return (_broken("The plan holds values that no plan has."),)
    if not hmac.compare_digest(held.encode("utf-8", "replace"), expected.encode()):
        return (_broken("The plan was changed after it was sealed."),)
    return ()


def moved(document: Mapping[str, Any], now: Mapping[str, Any]) -> tuple[Finding, ...]:
    """A finding for each digest of the document that is another now.

    `now` has the digests that are to be compared, as in the document: text by name, and `states`
    as a mapping of unit names.
    """
    then = document.get("digests")
    then = then if isinstance(then, Mapping) else {}
    findings = []
    for name in sorted(now):
        before, after = then.get(name), now[name]
        if isinstance(after, Mapping):
            held = before if isinstance(before, Mapping) else {}
            changed = sorted(
                unit for unit in set(after) | set(held) if after.get(unit) != held.get(unit)
            )
            findings += [_moved(f"The state of unit `{unit}`") for unit in changed]
        elif before != after:
            findings.append(_moved(f"The digest of `{name}`"))
    return tuple(findings)


def _unsealed(document: Mapping[str, Any]) -> dict[str, Any]:
    digests = document.get("digests")
    rest = (
        {key: value for key, value in digests.items() if key != "plan"}
        if isinstance(digests, Mapping)
        else {}
    )
    return {**document, "digests": rest}


def _broken(message: str) -> Finding:
    return found("AIF-PLN-030", message, hint="make the plan anew and have it reviewed")


def _moved(what: str) -> Finding:
    return found(
        "AIF-PLN-031",
        f"{what} is no longer the one that the plan was made from.",
        hint="make the plan anew and have it reviewed",
    )

"""What NVUE says of its revisions and of itself, in our words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aifactory_iac.providers.switches.driver import Change, State

STATES: Mapping[str, State] = {
    "pending": "staged",
    **dict.fromkeys(
        ("applied", "applied_and_saved", "saved", "auto_save", "auto_saving"), "applied"
    ),
    # `ays` asks whether one is sure. Asked although that was answered beforehand, NVIDIA's client
    # takes it for the question whether to keep the revision.
    **dict.fromkeys(("confirm", "ays"), "waiting"),
    **dict.fromkeys(("invalid", "ays_fail", "ays_no", "verify_error", "ready_error"), "refused"),
    **dict.fromkeys(("apply_error", "apply_fail", "ignore_fail", "ignore_fail_no"), "refused"),
    **dict.fromkeys(("confirm_fail", "confirm_no", "inactive"), "rolled-back"),
}
"""What NVUE's states mean to us; every other one is a step on the way (`busy`)."""


def as_change(revision: str, body: Mapping[str, Any]) -> Change:
    """A revision as a change of ours."""
    return Change(revision, STATES.get(str(body.get("state")), "busy"), issues(body))


def current(revisions: Mapping[str, Mapping[str, Any]]) -> str:
    """The numbered revision that is in force; `applied` where none says so."""
    in_force = [
        name for name, body in revisions.items() if STATES.get(str(body.get("state"))) == "applied"
    ]
    return in_force[-1] if in_force else "applied"


def issues(body: Mapping[str, Any]) -> tuple[str, ...]:
    """The switch's words, from `transition.issue` by number."""
    transition = body.get("transition")
    listed = transition.get("issue", {}) if isinstance(transition, Mapping) else {}
    return tuple(
        " ".join(str(issue.get("message", issue)).split())
        for _, issue in sorted(listed.items())
        if isinstance(issue, Mapping)
    )


def version(system: Mapping[str, Any]) -> str:
    """Release: at the top until 5.13, under `version` since."""
    inside = system.get("version")
    newer = inside.get("product-release", "") if isinstance(inside, Mapping) else ""
    return str(system.get("product-release") or newer or system.get("build", ""))

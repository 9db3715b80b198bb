"""Results of a group's machines as its state keeps them: under two kilobytes a machine.

What is empty is left out. `since` is when the machine was first seen as it is now: a time that
changes with every look would make every refresh a change.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from aifactory_iac.providers.fleet.group import AS_WANTED
from aifactory_iac.providers.machine.identity import Identity
from aifactory_iac.providers.machine.lifecycle import State
from aifactory_iac.providers.machine.result import MachineResult, Quarantine
from aifactory_iac.providers.resource import Properties

MOST_REASONS = 20
_AS_WANTED = frozenset(state.value for state in AS_WANTED)

LONGEST_ERROR = 400
"""Characters of an error that are kept; some controllers answer with whole pages."""


def results_of(state: Properties) -> dict[str, MachineResult]:
    """What the state knows of each machine."""
    return {name: _result(name, each) for name, each in documents(state).items()}


def documents(state: Properties) -> Mapping[str, Mapping[str, Any]]:
    """The state's results as they are kept; none while a preview does not know them."""
    found = state.get("results")
    return found if isinstance(found, Mapping) else {}


def document(
    result: MachineResult, wanted: str, before: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """A result as it is kept; `wanted` is the digest of the intent that it came of."""
    found: dict[str, Any] = {
        "state": result.state.value,
        "serial": result.identity.serial,
        "uuid": result.identity.uuid,
        "macs": list(result.identity.macs),
        "power": "" if result.power == "unknown" else result.power,
        "installed": result.installed,
        "observed": dict(result.observed),
        "error": result.error[:LONGEST_ERROR],
        "stale": result.stale,
        "wanted": wanted,
    }
    if result.quarantine is not None:
        found["quarantine"] = {
            "attempts": result.quarantine.attempts,
            "next": round(result.quarantine.next_attempt, 3),
        }
    found = {key: value for key, value in found.items() if value}
    before = dict(before or {})
    since = before.pop("since", None)
    if result.seen and not (since and before == found):
        since = round(result.seen, 3)
    return {**found, **({"since": since} if since else {})}


def unreached(before: Mapping[str, Any] | None) -> dict[str, Any]:
    """A machine that nobody may reach, with the identity that it was known by."""
    known = {key: before[key] for key in ("serial", "uuid", "macs") if before and key in before}
    return {"state": State.DECLARED.value, **known}


def ready(results: Mapping[str, Mapping[str, Any]]) -> int:
    """How many machines were last seen as they are wanted."""
    return sum(_settled(kept) and kept["state"] in _AS_WANTED for kept in results.values())


def reasons(results: Mapping[str, Mapping[str, Any]]) -> tuple[str, ...]:
    """One line for each machine that did not get there, the first twenty of them."""
    lines = [
        f"{name}: {_reason(kept)}" for name, kept in sorted(results.items()) if not _settled(kept)
    ]
    if len(lines) > MOST_REASONS:
        lines[MOST_REASONS:] = [f"and {len(lines) - MOST_REASONS} more machines"]
    return tuple(lines)


def _settled(kept: Mapping[str, Any]) -> bool:
    return not any(kept.get(key) for key in ("error", "quarantine", "stale"))


def _reason(kept: Mapping[str, Any]) -> str:
    text = str(kept.get("error") or "could not be reached")
    quarantine = kept.get("quarantine")
    if quarantine:
        until = datetime.fromtimestamp(quarantine["next"], UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return f"{text} (in quarantine, attempt {quarantine['attempts']}, until {until})"
    return f"{text} (as it was last seen)" if kept.get("stale") else text


def _result(name: str, kept: Mapping[str, Any]) -> MachineResult:
    quarantine = None
    if "quarantine" in kept:
        quarantine = Quarantine(
            str(kept.get("error", "")),
            int(kept["quarantine"]["attempts"]),
            float(kept["quarantine"]["next"]),
        )
    return MachineResult(
        name=name,
        state=State(kept.get("state", State.DECLARED.value)),
        identity=Identity(
            kept.get("serial", ""), kept.get("uuid", ""), tuple(kept.get("macs", ()))
        ),
        power=kept.get("power", "unknown"),
        observed=kept.get("observed", {}),
        installed=kept.get("installed", ""),
        error=kept.get("error", ""),
        quarantine=quarantine,
        stale=bool(kept.get("stale", False)),
        seen=float(kept.get("since", 0.0)),
    )

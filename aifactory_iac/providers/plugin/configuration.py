"""The provider's configuration: what the engine sends, else the environment, as `Settings`.

A key that is no setting may be a secret of the store `pulumi-config`: `pulumi config set --secret
aifactory:NAME`. Whether it is one shows only when the provider is configured, because the engine
checks configuration without saying what is secret; so a check takes such keys, unless they look
like a misspelt setting, and configuring refuses those that are not secret.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aifactory_iac.providers.plugin.structure import near, settings
from aifactory_iac.providers.plugin.wire import Received
from aifactory_iac.providers.resource import UNKNOWN, Checked, Failure, ProviderError
from aifactory_iac.providers.surroundings import Lab, Settings, default_state_dir

_RANGES: Mapping[str, tuple[float, float]] = {"parallel": (1, 1024), "pace": (0.001, 1)}
_ENGINES_OWN = {"version", "pluginDownloadURL"}
_PROGRAMS_OWN = {"blueprint", "catalog", "parameters", "unit"}
"""Config of the project in `stacks/`, which has the name of this package: it is sent here too."""


@dataclass(frozen=True, slots=True)
class Configuration:
    """What the provider was configured with; `secrets` are those of the store `pulumi-config`."""

    settings: Settings
    secrets: Mapping[str, str] = field(repr=False)


def checked_configuration(inputs: Mapping[str, Any]) -> Checked:
    """The configuration without what is not ours, and everything that is wrong with it."""
    known = list(settings())
    kept, failures = {}, []
    for key, value in inputs.items():
        if key in _PROGRAMS_OWN or value is None:
            continue
        kept[key] = value
        if key in known:
            failures += _parsed(key, value)[1]
        elif key not in _ENGINES_OWN and _looks_like(key, known):
            failures.append(Failure(key, f"is no setting of the provider{near(key, known)}"))
    return Checked(kept, failures)


def configuration(received: Received, environment: Mapping[str, str]) -> Configuration:
    """The configuration to work with. Raises `ProviderError` with everything that is wrong."""
    values, failures = _with_environment(received.values, environment)
    others = {
        key: value
        for key, value in received.values.items()
        if key not in {*settings(), *_ENGINES_OWN, *_PROGRAMS_OWN} and value is not None
    }
    for key in others:
        if (key,) not in received.secrets:
            hint = f"a secret of that name is set with `pulumi config set --secret aifactory:{key}`"
            reason = f"is no setting of the provider{near(key, list(settings()))}; {hint}"
            failures.append(Failure(f"aifactory:{key}", reason))
    lab = None
    if "lab" in values:
        try:
            lab = Lab.read(Path(values["lab"]).expanduser())
        except (OSError, ValueError, AttributeError, TypeError) as error:
            reason = getattr(error, "strerror", None) or "is no lab.json"
            failures.append(Failure("aifactory:lab", f"`{values['lab']}`: {reason}"))
    if failures:
        raise ProviderError("; ".join(f"{each.property} {each.reason}" for each in failures))
    return Configuration(
        Settings(
            state_dir=_path(values, "stateDir") or default_state_dir(environment),
            freeze=_path(values, "freeze"),
            site_ca=_path(values, "siteCa"),
            lab=lab,
            **{key: values[key] for key in _RANGES if key in values},
        ),
        {key: str(value) for key, value in others.items()},
    )


def environment_variable(setting: str) -> str:
    """The variable that stands in for a setting that is not configured."""
    (variable,) = settings()[setting]["defaultInfo"]["environment"]
    return str(variable)


def _with_environment(
    given: Mapping[str, Any], environment: Mapping[str, str]
) -> tuple[dict[str, Any], list[Failure]]:
    values: dict[str, Any] = {}
    failures: list[Failure] = []
    for key in settings():
        name, text = f"aifactory:{key}", given.get(key)
        if text in (None, ""):
            name = environment_variable(key)
            text = environment.get(name)
        if text in (None, ""):
            continue
        value, wrong = _parsed(key, text)
        failures += [Failure(name, each.reason) for each in wrong]
        values[key] = value
    return values, failures


def _parsed(key: str, value: Any) -> tuple[Any, list[Failure]]:
    """A setting in its own type; config and environment know texts only."""
    kind = settings()[key]["type"]
    if value is UNKNOWN:
        return value, []
    if kind == "string":
        wrong = [] if isinstance(value, str) else [Failure(key, "has to be a text")]
        return value, wrong
    number = _number(value, whole=kind == "integer")
    low, high = _RANGES[key]
    if number is None or not low <= number <= high:
        noun = "a whole number" if kind == "integer" else "a number"
        return None, [Failure(key, f"has to be {noun} from {low:g} to {high:g}")]
    return number, []


def _number(value: Any, *, whole: bool) -> int | float | None:
    pattern = r"\d{1,9}" if whole else r"\d{1,9}(\.\d{1,9})?"
    if isinstance(value, bool) or not re.fullmatch(pattern, str(value).strip()):
        return None
    return int(value) if whole else float(value)


def _path(values: Mapping[str, Any], key: str) -> Path | None:
    return Path(values[key]).expanduser() if key in values else None


def _looks_like(key: str, known: list[str]) -> bool:
    folded = [name.lower() for name in known]
    plain = key.replace("_", "").replace("-", "").lower()
    return bool(difflib.get_close_matches(plain, folded, 1, 0.85))

"""The provider's configuration: what the engine sends, else the environment, as `Settings`."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aifactory_iac.providers.plugin.property_path import Path as PropertyPath
from aifactory_iac.providers.plugin.structure import near, settings
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
    kept = {key: value for key, value in inputs.items() if key not in _PROGRAMS_OWN}
    failures = []
    for key, value in kept.items():
        if key in settings():
            failures += _parsed(key, value)[1]
        elif key not in _ENGINES_OWN:
            failures.append(Failure(key, f"is no setting of the provider{near(key, _known())}"))
    return Checked(kept, failures)


def configuration(values: Mapping[str, Any], environment: Mapping[str, str]) -> Configuration:
    """The configuration to work with. Raises `ProviderError` with everything that is wrong."""
    found, failures = _with_environment(values, environment)
    lab = None
    if "lab" in found:
        try:
            lab = Lab.read(Path(found["lab"]).expanduser())
        except (OSError, ValueError, AttributeError, TypeError) as error:
            reason = getattr(error, "strerror", None) or "is no lab.json"
            failures.append(Failure("aifactory:lab", f"`{found['lab']}`: {reason}"))
    if failures:
        raise ProviderError("; ".join(f"{each.property} {each.reason}" for each in failures))
    return Configuration(
        Settings(
            state_dir=_path(found, "stateDir") or default_state_dir(environment),
            freeze=_path(found, "freeze"),
            site_ca=_path(found, "siteCa"),
            lab=lab,
            **{key: found[key] for key in _RANGES if key in found},
        ),
        found.get("secrets", {}),
    )


def secret_settings() -> frozenset[PropertyPath]:
    """Settings that are secret whatever the engine says of them, as property paths."""
    return frozenset((name,) for name, field in settings().items() if field.get("secret"))


def environment_variable(setting: str) -> str | None:
    """The variable that stands in for a setting that is not configured, if there is one."""
    variables: list[str] = settings()[setting].get("defaultInfo", {}).get("environment", [])
    return variables[0] if variables else None


def _known() -> list[str]:
    return list(settings())


def _with_environment(
    given: Mapping[str, Any], environment: Mapping[str, str]
) -> tuple[dict[str, Any], list[Failure]]:
    values: dict[str, Any] = {}
    failures: list[Failure] = []
    for key in settings():
        name, value = f"aifactory:{key}", given.get(key)
        variable = environment_variable(key)
        if value in (None, "") and variable is not None:
            name, value = variable, environment.get(variable)
        if value in (None, ""):
            continue
        values[key], wrong = _parsed(key, value)
        failures += [Failure(name, each.reason) for each in wrong]
    return values, failures


def _parsed(key: str, value: Any) -> tuple[Any, list[Failure]]:
    """A setting in its own type; config and environment know texts only."""
    kind = settings()[key]["type"]
    if value is UNKNOWN or value is None:
        return value, []
    if kind == "string":
        wrong = [] if isinstance(value, str) else [Failure(key, "has to be a text")]
        return value, wrong
    if kind == "object":
        return _texts(key, value)
    number = _number(value, whole=kind == "integer")
    low, high = _RANGES[key]
    if number is None or not low <= number <= high:
        noun = "a whole number" if kind == "integer" else "a number"
        return None, [Failure(key, f"has to be {noun} from {low:g} to {high:g}")]
    return number, []


def _texts(key: str, value: Any) -> tuple[Any, list[Failure]]:
    """An object of texts; config holds objects as JSON."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            value = None
    if isinstance(value, Mapping) and all(isinstance(text, str) for text in value.values()):
        return dict(value), []
    return {}, [Failure(key, f"has to be an object of texts: set `--path aifactory:{key}.NAME`")]


def _number(value: Any, *, whole: bool) -> int | float | None:
    pattern = r"\d{1,9}" if whole else r"\d{1,9}(\.\d{1,9})?"
    if isinstance(value, bool) or not re.fullmatch(pattern, str(value).strip()):
        return None
    return int(value) if whole else float(value)


def _path(values: Mapping[str, Any], key: str) -> Path | None:
    return Path(values[key]).expanduser() if key in values else None

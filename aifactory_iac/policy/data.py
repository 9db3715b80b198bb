"""Policy data beside the rules: packs, profiles and control maps, typed; faults are values."""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StringConstraints, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from aifactory_iac.findings import Severity
from aifactory_iac.policy.gate import DataProblem

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9.-]{0,60}$")]
Line = Annotated[str, StringConstraints(min_length=1, max_length=400)]


class Level(enum.StrEnum):
    """How strictly a rule is held. `SOFT` blocks but may be waived; `HARD` blocks and may not."""

    OFF = "off"
    ADVISORY = "advisory"
    SOFT = "soft"
    HARD = "hard"


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Pack(_Data):
    """A set of rules."""

    name: Slug
    title: Line
    rules: Annotated[tuple[str, ...], Field(min_length=1)]


class RuleSetting(_Data):
    """What a profile says of one rule."""

    level: Level | None = None
    parameters: Annotated[dict[str, Any], Field(alias="with")] = {}


class WaiverLimits(_Data):
    """How long a waiver may live, by severity of what it excuses, and when to warn of its end."""

    longest_days: dict[Severity, Annotated[int, Field(ge=1, le=366)]]
    warn_days: Annotated[int, Field(ge=0, le=90)] = 14


class Profile(_Data):
    """Which packs apply, how strictly, with which parameters."""

    name: Slug
    title: Line
    packs: Annotated[tuple[str, ...], Field(min_length=1)]
    levels: dict[Severity, Level]
    unknown_blocks_from: Severity | None
    """Unknowns of blocking rules at this severity or above block; `None`: they never do."""
    waivers: WaiverLimits
    rules: dict[str, RuleSetting] = {}

    def level(self, rule: str, severity: Severity) -> Level:
        """The level of a finding: the rule's own setting, else by severity."""
        setting = self.rules.get(rule)
        if setting is not None and setting.level is not None:
            return setting.level
        return self.levels.get(severity, Level.ADVISORY)


class Control(_Data):
    """One control of a framework, and why each rule supports it."""

    title: Line
    supports: dict[str, Line]


class ControlMap(_Data):
    """The controls of one framework. A rule supports a control; it never satisfies it alone."""

    framework: Slug
    title: Line
    source: Line
    reviewed: StrictBool = False
    """Whether an auditor, or for law a lawyer, has reviewed the mapping."""
    controls: dict[str, Control]


_Kind = TypeVar("_Kind", Pack, Profile, ControlMap)


def read_yaml(text: str) -> Any:
    """Plain data. Raises `YAMLError` for what is not YAML, duplicate keys included."""
    return YAML(typ="safe").load(text)


def read_folder(folder: Path, kind: type[_Kind]) -> Iterator[_Kind | DataProblem]:
    """Every `*.yaml` of the folder in order of name; a file that cannot stand is a problem."""
    for path in sorted(folder.glob("*.yaml")):
        shown = f"{folder.name}/{path.name}"
        try:
            read = kind.model_validate(read_yaml(path.read_text(encoding="utf-8")))
        except (OSError, UnicodeDecodeError, YAMLError) as error:
            yield DataProblem(f"unreadable:{shown}", f"{shown} cannot be read: {_first(error)}")
        except ValidationError as error:
            for fault in error.errors(include_url=False):
                place = ".".join(str(key) for key in fault["loc"])
                yield DataProblem(f"invalid:{shown}:{place}", f"{shown}: {place}: {fault['msg']}")
        else:
            name = read.framework if isinstance(read, ControlMap) else read.name
            if name != path.stem:
                yield DataProblem(
                    f"misnamed:{shown}", f"{shown} calls itself `{name}`; the file's name decides"
                )
            yield read


def unknown_rules(
    packs: Mapping[str, Pack],
    profiles: Mapping[str, Profile],
    controls: Mapping[str, ControlMap],
    known: frozenset[str],
) -> Iterator[DataProblem]:
    """Rule and pack names in the data that nothing answers to."""
    for framework, table in controls.items():
        named = {rule for control in table.controls.values() for rule in control.supports}
        for name in sorted(named - known):
            yield DataProblem(
                f"controls:{framework}:{name}",
                f"the control map of `{framework}` names rule `{name}`: no such rule",
            )
    for pack in packs.values():
        for name in sorted(set(pack.rules) - known):
            yield DataProblem(
                f"pack:{pack.name}:{name}", f"pack `{pack.name}` names rule `{name}`: no such rule"
            )
    for profile in profiles.values():
        for name in sorted(set(profile.rules) - known):
            yield DataProblem(
                f"profile:{profile.name}:{name}",
                f"profile `{profile.name}` sets rule `{name}`: no such rule",
            )
        for name in sorted(set(profile.packs) - set(packs)):
            yield DataProblem(
                f"profile:{profile.name}:pack:{name}",
                f"profile `{profile.name}` takes pack `{name}`: no such pack",
            )


def _first(error: BaseException) -> str:
    return str(error).strip().splitlines()[0]

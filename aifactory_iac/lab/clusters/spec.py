"""What clusters a lab is to have, read from its specification."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

Kind = Literal["kubernetes", "slurm"]


class SpecError(Exception):
    """The specification cannot be read; one reason a line."""


@dataclass(frozen=True, slots=True)
class LabNode:
    """A node that has joined. `gpus` is how many it offers; `leaf` its switch in the topology."""

    gpus: int = 8
    cores: int = 112
    memory: int = 2_000_000
    """Mebibytes."""
    leaf: str = "leaf1"
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LabCluster:
    """One cluster. `id` is what the provider calls it, `site/name`.

    `running` is how many Slurm nodes get a daemon of their own, the first ones by name; the others
    are known to the controller and do not answer. `encrypt` has the API server encrypt secrets,
    and `audit` is the path of a policy for its audit log.
    """

    id: str
    kind: Kind
    nodes: Mapping[str, LabNode]
    running: int = 8
    encrypt: bool = False
    audit: str = ""


@dataclass(frozen=True, slots=True)
class Spec:
    """All clusters of one process; they keep what they write under `folder`."""

    folder: Path
    clusters: tuple[LabCluster, ...]


def read_spec(path: Path) -> Spec:
    """Reads `SPEC.json`. Raises `SpecError` with everything that is wrong."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SpecError(f"{path}: {error}") from None
    problems: list[str] = []
    clusters = tuple(
        found
        for index, each in enumerate(_listed(document, "clusters", problems))
        if (found := _cluster(each, f"clusters.{index}", problems)) is not None
    )
    folder = document.get("folder") if isinstance(document, dict) else None
    if not isinstance(folder, str) or not Path(folder).is_absolute():
        problems.append("folder: an absolute path is needed")
    ids = [each.id for each in clusters]
    problems += [f"clusters: {each} stands twice" for each in sorted({*ids}) if ids.count(each) > 1]
    if problems:
        raise SpecError("\n".join(f"{path}: {each}" for each in problems))
    return Spec(Path(str(folder)), clusters)


def _listed(document: Any, key: str, problems: list[str]) -> list[Any]:
    found = document.get(key) if isinstance(document, dict) else None
    if isinstance(found, list):
        return found
    problems.append(f"{key}: a list is needed")
    return []


def _cluster(document: Any, where: str, problems: list[str]) -> LabCluster | None:
    if not isinstance(document, dict) or not isinstance(document.get("id"), str):
        problems.append(f"{where}.id: a text is needed")
        return None
    if document.get("kind") not in ("kubernetes", "slurm"):
        problems.append(f"{where}.kind: is neither `kubernetes` nor `slurm`")
        return None
    given = document.get("nodes")
    if not isinstance(given, dict):
        problems.append(f"{where}.nodes: nodes by name are needed")
        return None
    try:
        nodes = {name: LabNode(**content) for name, content in sorted(given.items())}
        rest = {key: value for key, value in document.items() if key != "nodes"}
        return LabCluster(nodes=nodes, **rest)
    except TypeError as error:
        problems.append(f"{where}: {str(error).rpartition('() ')[2]}")
        return None

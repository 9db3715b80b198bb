"""`lab.json`: what runs where. The provider reads three fields of it, scripts the rest."""

from __future__ import annotations

import datetime as dt
import json
import shlex
import signal
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Protocol

from aifactory_iac.lab.folder import Folder
from aifactory_iac.lab.orders import Orders, PartOrder

SCHEMA_VERSION = 1
CLOUD_KEYS = {"AWS_ACCESS_KEY_ID": "lab", "AWS_SECRET_ACCESS_KEY": "lab"}
"""What the emulated AWS takes; it takes anything, and no real account takes these."""

_PROVIDERS_PACE = (0.001, 1.0)
"""What the provider takes as its own pace."""


class RunningPart(Protocol):
    """A part as the supervisor sees it."""

    order: PartOrder
    answer: Mapping[str, Any] | None

    @property
    def pid(self) -> int:
        """Process number."""
        ...

    @property
    def exit(self) -> int | None:
        """None while it runs."""
        ...


def made(orders: Orders, children: Iterable[RunningPart]) -> dict[str, Any]:
    """The document, from what was ordered and what the parts have answered."""
    every = tuple(children)
    document: dict[str, Any] = {
        "schemaVersion": SCHEMA_VERSION,
        "kind": "Lab",
        **orders.record,
        "parts": [_part(child) for child in every],
    }
    for child in every:
        answer = child.answer or {}
        for key in ("endpoints", "credentials", "kubeconfigs"):
            document[key] = {**document.get(key, {}), **answer.get(key, {})}
        if "aws" in answer:
            document["aws"] = answer["aws"]
        if "known_hosts" in answer:
            document["known_hosts"] = str(Folder(Path(document["folder"])).known_hosts)
        document["absent"] = [
            *document.get("absent", ()),
            *({"part": child.order.name, "why": why} for why in answer.get("absent", ())),
        ]
    return document


def read(folder: Folder) -> dict[str, Any] | None:
    """What stands in a lab's folder; None while it is starting, and when it cannot be read."""
    try:
        document = json.loads(folder.record.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return document if isinstance(document, dict) else None


def known_hosts_text(children: Iterable[RunningPart]) -> str:
    """The host keys of all parts in one file's text. Raises `OSError`."""
    answers = (child.answer or {} for child in children)
    files = (Path(answer["known_hosts"]) for answer in answers if "known_hosts" in answer)
    return "".join(file.read_text(encoding="utf-8") for file in files)


def environment_text(document: Mapping[str, Any], folder: Folder) -> str:
    """Shell lines that point the provider, the AWS tools and kubectl at the lab."""
    low, high = _PROVIDERS_PACE
    values = {
        "AIFACTORY_LAB": str(folder.record),
        "AIFACTORY_PACE": f"{min(high, max(low, document['pace'])):g}",
    }
    cloud = document.get("aws")
    if cloud:
        values |= {
            "AWS_ENDPOINT_URL": cloud["endpoint"],
            "AWS_REGION": cloud["region"],
            "AWS_ACCOUNT_ID": cloud["account"],
            "AWS_EC2_METADATA_DISABLED": "true",
            **CLOUD_KEYS,
        }
    if document.get("kubeconfigs"):
        values["KUBECONFIG"] = ":".join(document["kubeconfigs"].values())
    return "".join(f"export {name}={shlex.quote(value)}\n" for name, value in values.items())


def ending(status: int) -> str:
    """How a process ended, in words."""
    if status >= 0:
        return f"ended with status {status}"
    try:
        return f"was ended by {signal.Signals(-status).name}"
    except ValueError:
        return f"was ended by signal {-status}"


def now() -> str:
    """The time, as records write it."""
    return dt.datetime.now(tz=dt.UTC).isoformat(timespec="seconds")


def _part(child: RunningPart) -> dict[str, Any]:
    order = child.order
    document = {
        "name": order.name,
        "kind": order.kind,
        "what": order.what,
        "state": "running" if child.exit is None else "ended",
        "pid": child.pid,
        "version": str((child.answer or {}).get("version", "")),
        "folder": order.folder,
        "log": order.log,
    }
    if child.exit is not None:
        document["ending"] = ending(child.exit)
    return document

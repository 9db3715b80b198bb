"""`OsInstallation`: the operating system of one machine, installed once for each image and text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aifactory_iac.providers.resource import Properties
from aifactory_iac.providers.resources.one_machine import OneMachineType

_METHODS = {"iso": "media", "http": "http", "pxe": "pxe"}


def _wish(inputs: Properties) -> Mapping[str, Any]:
    image = inputs["image"]
    told = {
        key: inputs[key]
        for key in ("config", "wipe", "disks", "callback", "networks")
        if key in inputs
    }
    found: dict[str, Any] = {"install": told, "image": image}
    if isinstance(image, Mapping):
        found["image"] = {key: value for key, value in image.items() if key != "media"}
        method = image.get("media", "iso")
        found["boot"] = {
            "method": _METHODS.get(method, method) if isinstance(method, str) else method,
            "secure": False,
        }
    root = {"root": inputs["root"]} if "root" in inputs else {}
    found["disks"] = {"wipe": "never", "encrypt": False, **root}
    return found


def _show(result: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"installed": result.get("installed", "")}


TYPE = OneMachineType(
    "aifactory:metal:OsInstallation",
    _wish,
    _show,
    outputs=("installed",),
    places={
        "install.config": "config",
        "install.wipe": "wipe",
        "install.disks": "disks",
        "install.callback": "callback",
        "install.networks": "networks",
        "install": "machine",
        "disks.root": "root",
        "boot.method": "image.media",
    },
)

"""The programs that read install files: cloud-init, netplan, ksvalidator, ignition-validate, GRUB.

What they do not see is checked by our own models: `cloud-init schema` passes misspelt top-level
keys and any `autoinstall:`, and with `--annotate` it ends with 0 on errors; `ksvalidator` reads no
scripts; none knows a second machine.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aifactory_iac.providers.install.outside.verdict import (
    Failed,
    NotChecked,
    Passed,
    Runner,
    Verdict,
    laid_out,
)
from aifactory_iac.providers.install.render.text import yaml_text


@dataclass(frozen=True, slots=True)
class CloudInitSchema:
    """`cloud-init schema`: user-data, and that which autoinstall hands to the installed system."""

    runner: Runner = field(default_factory=Runner)
    program: str = "cloud-init"

    async def check(self, files: Mapping[str, bytes]) -> Verdict | None:
        """Its words on `user-data`."""
        content = files.get("user-data")
        if content is None:
            return None
        installer = _loaded(content).get("autoinstall")
        if installer is not None:
            content = yaml_text(installer.get("user-data", {}), header="#cloud-config")
        async with laid_out({"user-data": content}) as folder:
            ended = await self.runner.run(
                self.program, "schema", "--config-file", str(folder / "user-data")
            )
        if isinstance(ended, NotChecked):
            return ended
        return Passed() if ended.status == 0 else _refused(ended.lines, str(folder))


@dataclass(frozen=True, slots=True)
class NetplanGenerate:
    """`netplan generate` below a root folder of its own: it changes nothing on this machine."""

    runner: Runner = field(default_factory=Runner)
    program: str = "netplan"

    async def check(self, files: Mapping[str, bytes]) -> Verdict | None:
        """Its words on `network-config`, or on the network of an autoinstall document."""
        tree: Any = None
        if "network-config" in files:
            tree = _loaded(files["network-config"])
        elif "user-data" in files:
            tree = _loaded(files["user-data"]).get("autoinstall", {}).get("network")
        if tree is None:
            return None
        path = "etc/netplan/60-aifactory.yaml"
        async with laid_out({path: yaml_text({"network": tree})}) as folder:
            ended = await self.runner.run(self.program, "generate", "--root-dir", str(folder))
        if isinstance(ended, NotChecked):
            return ended
        return Passed() if ended.status == 0 else _refused(ended.lines, str(folder))


@dataclass(frozen=True, slots=True)
class KickstartValidator:
    """`ksvalidator`, for one release of the family."""

    runner: Runner = field(default_factory=Runner)
    program: str = "ksvalidator"
    release: str = "RHEL9"

    async def check(self, files: Mapping[str, bytes]) -> Verdict | None:
        """Its words on `ks.cfg`."""
        if "ks.cfg" not in files:
            return None
        async with laid_out({"ks.cfg": files["ks.cfg"]}) as folder:
            ended = await self.runner.run(
                self.program, "--version", self.release, str(folder / "ks.cfg")
            )
        if isinstance(ended, NotChecked):
            return ended
        return Passed() if ended.status == 0 else _refused(ended.lines, str(folder))


@dataclass(frozen=True, slots=True)
class IgnitionValidate:
    """`ignition-validate`; that of Debian 12 (2.14) knows specifications up to 3.3."""

    runner: Runner = field(default_factory=Runner)
    program: str = "ignition-validate"

    async def check(self, files: Mapping[str, bytes]) -> Verdict | None:
        """Its words on the live system's document and the installed one's."""
        documents = {name: files[name] for name in sorted(files) if name.endswith(".ign")}
        if not documents:
            return None
        async with laid_out(documents) as folder:
            for name, content in documents.items():
                ended = await self.runner.run(self.program, str(folder / name))
                if isinstance(ended, NotChecked):
                    return ended
                if any("unsupported config version" in line for line in ended.lines):
                    version = json.loads(content)["ignition"]["version"]
                    return NotChecked(f"this {self.program} does not know version {version}")
                if ended.status != 0:
                    return _refused(ended.lines, str(folder))
        return Passed()


@dataclass(frozen=True, slots=True)
class GrubScriptCheck:
    """`grub-script-check`: the grammar of a GRUB menu, not what its commands mean."""

    runner: Runner = field(default_factory=Runner)
    program: str = "grub-script-check"

    async def check(self, files: Mapping[str, bytes]) -> Verdict | None:
        """Its words on `grub.cfg`."""
        if "grub.cfg" not in files:
            return None
        async with laid_out({"grub.cfg": files["grub.cfg"]}) as folder:
            ended = await self.runner.run(self.program, str(folder / "grub.cfg"))
        if isinstance(ended, NotChecked):
            return ended
        return Passed() if ended.status == 0 else _refused(ended.lines, str(folder))


def _loaded(content: bytes) -> dict[str, Any]:
    from ruamel.yaml import YAML

    found = YAML(typ="safe", pure=True).load(content)
    return found if isinstance(found, dict) else {}


def _refused(lines: tuple[str, ...], folder: str) -> Failed:
    """What the program said, without the place that nobody else knows."""
    return Failed(tuple(line.replace(f"{folder}/", "") for line in lines))

"""From the words of `aifactory export --to` to files, or to everything that is in their way."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from aifactory_iac.cli.options import Asked, Output
from aifactory_iac.cli.session import opened, refuse
from aifactory_iac.cli.write import complain, write_files, write_result

if TYPE_CHECKING:
    from aifactory_iac.providers.backends.export.bundle import Bundle
    from aifactory_iac.providers.resource import Failure

SHOWN = 12
"""Things in the way that are listed when nobody asks for more words."""


@dataclass(frozen=True, slots=True)
class ManagerWish:
    """The options as they were given."""

    manager: str
    out: Path
    machines: Path | None
    namespace: str
    force: bool


def write_machines(asked: Asked, wish: ManagerWish, output: Output) -> None:
    """Writes the documents; exits as documented when they cannot be made."""
    if not re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", wish.namespace):
        raise click.BadParameter(
            f"`{wish.namespace}` is no namespace: lower-case letters, digits and `-`",
            param_hint="--namespace",
        )
    _empty(wish)
    bundle = _bundle(asked, wish, output)
    if bundle.failures:
        _refuse(asked.target, bundle.failures, output)
    write_files({wish.out / name: text.decode() for name, text in bundle.files.items()})
    write_result(
        f"Wrote {len(bundle.files)} files to {wish.out}; {wish.out / 'NOTES.md'} says what is left "
        "to do.\n",
        output,
    )


def _bundle(asked: Asked, wish: ManagerWish, output: Output) -> Bundle:
    from aifactory_iac.api import InvalidBlueprintError
    from aifactory_iac.api.machines import provisioning_networks, subjects
    from aifactory_iac.providers.backends.export.bundle import Bundle, bundle
    from aifactory_iac.providers.backends.export.subject import Wanted

    identities = _identities(wish.machines)
    factory = opened(asked, output)
    try:
        found, failures = subjects(factory, identities)
        networks = provisioning_networks(factory)
    except InvalidBlueprintError as error:
        refuse(asked.target, error.findings, output)
    if failures:
        return Bundle(failures=failures)
    if not found:
        raise click.UsageError(f"{asked.target} has no machines on-prem to export.")
    wanted = Wanted(wish.namespace, networks, time.time())
    return bundle(wish.manager, found, wanted)  # type: ignore[arg-type]  # one of the choices


def _identities(file: Path | None) -> Mapping[str, Mapping[str, Any]]:
    """Who the machines are, from a file; a usage error names what is wrong with it."""
    if file is None:
        return {}
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        found = YAML(typ="safe").load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, YAMLError) as error:
        raise click.BadParameter(
            f"{file} cannot be read: {_first_line(error)}", param_hint="--machines"
        ) from None
    wrong = _wrong(found)
    if wrong:
        raise click.BadParameter(f"{file}: {wrong}", param_hint="--machines")
    return found or {}


def _wrong(found: Any) -> str:
    if found is None:
        return ""
    if not isinstance(found, Mapping):
        return "is no mapping of machines to serial, uuid and macs"
    for name, each in found.items():
        if not isinstance(each, Mapping) or set(each) - {"serial", "uuid", "macs"}:
            return f"{name} has to be a mapping of serial, uuid and macs"
        macs = each.get("macs", [])
        if not isinstance(macs, list) or not all(isinstance(mac, str) for mac in macs):
            return f"{name}.macs has to be a list of texts"
    return ""


def _empty(wish: ManagerWish) -> None:
    out = wish.out
    if wish.force or not out.is_dir():
        return
    strange = [each.name for each in out.iterdir()]
    if strange and "NOTES.md" not in strange:
        raise click.UsageError(
            f"{out} has other files in it, such as {sorted(strange)[0]}: choose another folder, or "
            "say --force."
        )


def _refuse(target: str, failures: Sequence[Failure], output: Output) -> NoReturn:
    shown = failures if output.verbose else failures[:SHOWN]
    lines = [f"error {each.property}: {each.reason}" for each in shown]
    if len(shown) < len(failures):
        lines.append(f"and {len(failures) - len(shown):,} more; -v lists them")
    lines.append(f"{target} cannot be exported: {len(failures):,} things are in the way")
    complain("\n".join(lines) + "\n", output)
    raise click.exceptions.Exit(2)


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]

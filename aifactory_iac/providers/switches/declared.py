"""What can be said about a declared switch before anything is asked: all problems at once."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from aifactory_iac.providers.resource import Failure, has_unknown
from aifactory_iac.providers.switches.drivers import SYSTEMS, System
from aifactory_iac.providers.switches.errors import RefusedError, SwitchError
from aifactory_iac.providers.switches.mlnx_text import normalised as mlnx_normalised
from aifactory_iac.providers.switches.nvue_tree import normalised as nvue_normalised
from aifactory_iac.providers.switches.tree import spelled
from aifactory_iac.providers.switches.trust import fingerprint_bytes

CONFIRM = range(30, 3601)
"""Seconds that a confirmation may take; NVUE's own default is 600."""
CONFIRM_DEFAULT = 300

_LABEL = re.compile(r"(?!-)[A-Za-z0-9-]{1,63}(?<!-)\Z")
_LONGEST = 253
_TRUST = ("site-ca", "system-ca", "pinned", "insecure")


def switch_failures(inputs: Mapping[str, Any]) -> Iterator[Failure]:
    """Everything that is wrong with the inputs of a switch; what is not known yet is let pass."""
    yield from hostname_failures("hostname", inputs.get("hostname"))
    yield from hostname_failures("address", inputs.get("address"))
    yield from hostname_failures("domain", inputs.get("domain"))
    yield from confirm_failures(inputs.get("confirmSeconds"))
    name = inputs.get("os")
    system = SYSTEMS.get(name) if isinstance(name, str) else None
    if isinstance(name, str) and system is None:
        yield Failure("os", f"`{name}` is none of {', '.join(SYSTEMS)}")
    if system is not None:
        ssh = name != "nvue"
        yield from tls_failures(inputs.get("tls", {}), ssh=ssh)
        config = inputs.get("config", {})
        if isinstance(config, Mapping):
            yield from _config_failures(str(name), system, config)


def hostname_failures(property_: str, value: Any) -> Iterator[Failure]:
    """A DNS name (RFC 1123) or an IP address."""
    if not isinstance(value, str) or (property_ != "hostname" and _is_ip(value)):
        return
    if len(value) > _LONGEST or not all(_LABEL.match(part) for part in value.split(".")):
        yield Failure(
            property_,
            f"`{value}` is no host name: letters, digits and `-` in parts of up to 63 characters",
        )


def confirm_failures(value: Any) -> Iterator[Failure]:
    """The time for a confirmation."""
    if isinstance(value, int | float) and value not in CONFIRM:
        yield Failure(
            "confirmSeconds", f"{value} is not from {CONFIRM[0]} to {CONFIRM[-1]} whole seconds"
        )


def tls_failures(tls: Any, *, ssh: bool) -> Iterator[Failure]:
    """A pin where one is needed, and a reason where nothing is verified."""
    if not isinstance(tls, Mapping) or has_unknown(tls):
        return
    trust = tls.get("trust")
    if trust not in _TRUST:
        yield Failure("tls.trust", f"`{trust}` is none of {', '.join(_TRUST)}")
    if trust == "insecure" and not str(tls.get("exception", "")).strip():
        yield Failure(
            "tls.exception",
            "`insecure` verifies nothing, and the password goes to whoever answers: say here why "
            "that is accepted, or use `pinned`",
        )
    if trust == "pinned" and ssh and not tls.get("hostkey"):
        yield Failure(
            "tls.hostkey", "`pinned` needs the host key, as a line of `ssh-keyscan` without host"
        )
    if trust == "pinned" and not ssh and not tls.get("fingerprint"):
        yield Failure("tls.fingerprint", "`pinned` needs the certificate's SHA-256 fingerprint")
    if tls.get("fingerprint"):
        try:
            fingerprint_bytes(str(tls["fingerprint"]))
        except SwitchError as error:
            yield Failure("tls.fingerprint", str(error))
    if tls.get("hostkey") and not _is_host_key(str(tls["hostkey"])):
        yield Failure("tls.hostkey", "is no public key such as `ssh-ed25519 AAAA...`")


def _config_failures(name: str, system: System, config: Mapping[str, Any]) -> Iterator[Failure]:
    wrong = False
    for key, value in config.items():
        if key not in system.keys:
            wrong = True
            shown = "a table of CONFIG_DB" if name == "sonic" else f"one of {_some(system.keys)}"
            yield Failure(spelled(("config", key)), f"`{name}` knows no `{key}`; it takes {shown}")
        elif system.inside and key in system.inside and isinstance(value, Mapping):
            for inner in sorted(value.keys() - set(system.inside[key])):
                wrong = True
                yield Failure(
                    spelled(("config", key, inner)),
                    f"`{name}` knows no `{inner}` under `{key}`; it takes "
                    f"{_some(system.inside[key])}",
                )
        elif not isinstance(value, Mapping) and not has_unknown(value):
            wrong = True
            yield Failure(spelled(("config", key)), "is no mapping")
    if not wrong and not has_unknown(config):
        yield from _spelling_failures(name, config)


def _spelling_failures(name: str, config: Mapping[str, Any]) -> Iterator[Failure]:
    """What cannot be written out; SONiC's wildcards need the switch for that."""
    written = {"nvue": nvue_normalised, "mlnx-os": mlnx_normalised}.get(name)
    if written is None:
        for table, rows in config.items():
            for row, fields in rows.items():
                if table != "system" and not isinstance(fields, Mapping):
                    yield Failure(spelled(("config", table, row)), "is no row: a mapping of fields")
        return
    try:
        written(config)
    except RefusedError as error:
        for issue in error.issues:
            yield Failure("config", issue)


def _some(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _is_ip(text: str) -> bool:
    import ipaddress

    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _is_host_key(text: str) -> bool:
    kind, _, rest = text.partition(" ")
    return kind.startswith(("ssh-", "ecdsa-", "sk-")) and bool(rest.strip())

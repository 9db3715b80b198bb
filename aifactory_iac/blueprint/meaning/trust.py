"""How devices are trusted: a pin for each where certificates are pinned, a reason where none is."""

from __future__ import annotations

from collections.abc import Iterator

from aifactory_iac.blueprint.meaning.view import View
from aifactory_iac.blueprint.rules import found
from aifactory_iac.findings import Finding, Path


def trust_findings(view: View) -> Iterator[Finding]:
    """Findings on every BMC, network and subnet manager."""
    for pool in view.blueprint.compute:
        if pool.bmc is not None:
            bmc = pool.bmc
            at: Path = ("compute", pool.name, "bmc")
            yield from _trust(at, bmc.tls, "pins", bmc.pins, bmc.exception)
    for network in view.blueprint.fabric:
        at = ("fabric", network.name)
        yield from _trust(at, network.tls, "pins", network.pins, network.exception)
        if network.manager is not None:
            manager = network.manager
            yield from _trust((*at, "manager"), manager.tls, "pin", manager.pin, manager.exception)


def _trust(at: Path, tls: str, key: str, pins: object, exception: str | None) -> Iterator[Finding]:
    if tls == "pinned" and not pins:
        message = f"`pinned` trusts what is written here, and there is no `{key}`"
        yield found("144", message, (*at, "tls"), hint=f"add `{key}`, or take `site-ca`")
    if tls != "pinned" and pins:
        message = f"`{key}` means nothing with `tls: {tls}`"
        yield found("144", message, (*at, key), hint="set `tls: pinned`, or drop the key")
    if tls == "insecure" and exception is None:
        message = "`insecure` verifies nothing, and the password goes to whoever answers"
        hint = "take `site-ca` or `pinned`, or say in `exception` why not"
        yield found("144", message, (*at, "tls"), hint=hint)

"""Sites and links: addresses, accounts, feeds, and what a link can join."""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import IPv4Network

from aifactory_iac.blueprint.meaning.view import View
from aifactory_iac.blueprint.model.sites import AwsSite, Link, Site
from aifactory_iac.blueprint.rules import found
from aifactory_iac.findings import Finding, Path

_ACCOUNT = re.compile(r"\d{12}\Z|\$\{env:[A-Za-z_][A-Za-z0-9_]*\}\Z")
_VPC_PREFIXES = (16, 28)
"""Prefix lengths that a VPC may have (Amazon VPC user guide, VPC CIDR blocks)."""


def site_findings(view: View) -> Iterator[Finding]:
    """Findings on sites and links."""
    blocks: dict[str, IPv4Network] = {}
    for site in sorted(view.blueprint.sites, key=_given_last):
        path: Path = ("sites", site.name, "addresses")
        block, problem = network(site.addresses, path)
        if problem is not None:
            yield problem
        if block is not None:
            yield from _overlaps(site.name, block, blocks)
            blocks[site.name] = block
        if isinstance(site, AwsSite):
            yield from _aws(site, block)
        elif site.facility.feeds.redundancy != "N" and site.facility.feeds.count == 1:
            yield found(
                "119",
                f"one feed cannot be {site.facility.feeds.redundancy}",
                ("sites", site.name, "facility", "feeds", "redundancy"),
                hint="give `count: 2`, or `redundancy: N`",
            )
    for link in view.blueprint.links:
        yield from _link(view, link)


def _given_last(site: Site) -> tuple[bool, str]:
    """Sites with a block of their own after those with the default one, which was there first."""
    return "addresses" in site.model_fields_set, site.name


def network(text: str, path: Path) -> tuple[IPv4Network | None, Finding | None]:
    """The address block that a text is, or the finding why it is none."""
    try:
        block = IPv4Network(text, strict=False)
    except ValueError:
        message = f"`{text}` is not an address block"
        hint = "numbers go to 255, the prefix to 32, as in `10.0.0.0/16`"
        return None, found("114", message, path, hint=hint)
    if str(block) != text:
        message = f"`{text}` is an address inside a block, not a block"
        return block, found("114", message, path, hint=f"did you mean `{block}`?")
    return block, None


def _overlaps(name: str, block: IPv4Network, others: dict[str, IPv4Network]) -> Iterator[Finding]:
    for other, taken in others.items():
        if block.overlaps(taken):
            yield found(
                "115",
                f"the addresses of `{name}` ({block}) overlap those of `{other}` ({taken})",
                ("sites", name, "addresses"),
                hint="give each site a block of its own under `addresses`",
                related=(("sites", other, "addresses"),),
            )


def _aws(site: AwsSite, block: IPv4Network | None) -> Iterator[Finding]:
    low, high = _VPC_PREFIXES
    if block is not None and not low <= block.prefixlen <= high:
        message = f"a VPC cannot have a /{block.prefixlen} block"
        path: Path = ("sites", site.name, "addresses")
        yield found("114", message, path, hint=f"use a prefix from /{low} to /{high}")
    if not _ACCOUNT.match(site.account):
        yield found(
            "118",
            "an AWS account has a number of 12 digits",
            ("sites", site.name, "account"),
            hint='write it in quotes, as "012345678901", or as `${env:AWS_ACCOUNT_ID}`',
        )


def _link(view: View, link: Link) -> Iterator[Finding]:
    path: Path = ("links", link.name)
    first, second = link.between
    if first == second:
        message = f"the link joins `{first}` with itself"
        yield found("113", message, (*path, "between"), hint="name two different sites")
        return
    ends = [view.is_aws(site) for site in link.between]
    if link.kind == "direct-connect" and ends == [False, False]:
        message = "a Direct Connect ends at an AWS site, and neither end is one"
        yield found("113", message, (*path, "kind"), hint="use `dark-fiber` or `vpn`")
    if link.encryption == "macsec" and link.kind in ("vpn", "internet"):
        message = f"MACsec encrypts a line of one's own, which `{link.kind}` is not"
        yield found("113", message, (*path, "encryption"), hint="use `ipsec`")

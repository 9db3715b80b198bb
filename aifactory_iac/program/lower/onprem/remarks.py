"""What a blueprint asks of sites with machines of one's own that these programs leave to people."""

from __future__ import annotations

from collections.abc import Iterator

from aifactory_iac.blueprint.model import Blueprint
from aifactory_iac.blueprint.model.sites import AwsSite
from aifactory_iac.findings import Finding
from aifactory_iac.program.rules import found


def remarks(blueprint: Blueprint) -> tuple[Finding, ...]:
    """Findings of all such sites; links that end in a cloud are said by that end."""
    own = {site.name for site in blueprint.sites if not isinstance(site, AwsSite)}
    return (*_tiers(blueprint, own), *_links(blueprint, own))


def _tiers(blueprint: Blueprint, own: set[str]) -> Iterator[Finding]:
    for tier in sorted(blueprint.storage.tiers, key=lambda item: item.name):
        if tier.site in own:
            system = f" (`{tier.system}`)" if tier.system is not None else ""
            yield found(
                "AIF-PRG-060",
                f"Storage tier `{tier.name}`{system} is not provisioned: storage at one's own site "
                "is installed by its vendor.",
                ("storage", "tiers", tier.name),
                hint="hand over its size, racks and cables: `aifactory design --out DIR` "
                "writes them",
            )


def _links(blueprint: Blueprint, own: set[str]) -> Iterator[Finding]:
    for link in sorted(blueprint.links, key=lambda item: item.name):
        if own.issuperset(link.between):
            yield found(
                "AIF-PRG-061",
                f"Link `{link.name}` ({link.kind}) is not provisioned: it joins two of one's own "
                "sites by a carrier's line.",
                ("links", link.name),
                hint="order it, and route the address blocks of both sites over it",
            )

"""The power chain of a facility site: machines, facility, feeds.

IT power is the sum of the machines' maximum power as their vendors give it (never a chip's TDP
times a count), facility power is IT power times the design PUE. What is not published is not
counted, and said.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aifactory_iac.blueprint.model.sites import EdgeSite, Feeds, OnPremSite
from aifactory_iac.catalog import Catalog
from aifactory_iac.design.facility.rack_fit import Fit
from aifactory_iac.design.model import NetworkDesign, PoolDesign, SitePower, TierDesign
from aifactory_iac.design.rules import found
from aifactory_iac.findings import Finding


@dataclass(frozen=True, slots=True)
class Load:
    """What draws power."""

    pools: Sequence[PoolDesign]
    networks: Sequence[NetworkDesign]
    storage: Sequence[TierDesign]
    fits: Mapping[str, Fit]
    """Of each pool, for the cooling kind that its heat leaves by."""

    def at(self, site: str) -> Load:
        """What draws power at one site."""
        return Load(
            [pool for pool in self.pools if pool.site == site],
            [network for network in self.networks if network.site == site],
            [tier for tier in self.storage if tier.site == site],
            self.fits,
        )


def site_power(
    site: OnPremSite | EdgeSite, load: Load, catalog: Catalog
) -> tuple[SitePower, tuple[Finding, ...]]:
    """The chain, with findings for the envelope, for feeds, and for what is not counted."""
    nodes = sum(pool.nodes * (pool.node_power_kw or 0.0) for pool in load.pools)
    network = sum(design.power_kw for design in load.networks)
    storage = sum(tier.power_kw or 0.0 for tier in load.storage)
    it_kw = nodes + network + storage
    design_pue, annual_pue, pue_verified = _pue(site, load, catalog)
    facility, envelope = it_kw * design_pue, site.facility.envelope.kw
    feeds = site.facility.feeds
    capacity = feed_capacity(feeds, envelope)
    power = SitePower(
        site=site.name,
        it_kw=it_kw,
        nodes_kw=nodes,
        network_kw=network,
        storage_kw=storage,
        facility_kw=facility,
        envelope_kw=envelope,
        feeds=feeds.count,
        feed_capacity_kw=capacity,
        redundancy=feeds.redundancy,
        after_feed_loss_kw=feeds_left(feeds) * capacity,
        pue_design=design_pue,
        pue_annual=annual_pue,
        verified=pue_verified and _all_known(load),
    )
    firm_kw = _firm_kw(load) * (design_pue if pue_verified else 1.0)
    return power, (*_uncounted(load), *_limits(site, power, firm_kw))


def feed_sides(feeds: Feeds) -> int:
    """Sides that feed every rack, each with a power unit in it: one only without redundancy."""
    return 1 if feeds.redundancy == "N" else 2


def feeds_left(feeds: Feeds) -> int:
    """Feeds after the loss to survive: of one side of two with 2N, else of one feed."""
    return feeds.count // 2 if feeds.redundancy == "2N" else feeds.count - 1


def feed_capacity(feeds: Feeds, envelope_kw: float) -> float:
    """Of one feed: as given; else so that what redundancy leaves still carries the envelope.

    With N all feeds together carry it, with N+1 all but one, with 2N each side (two feeds: each).
    Where redundancy leaves no feed at all, one feed carries the envelope.
    """
    if feeds.capacity is not None:
        return feeds.capacity.kw
    sharing = feeds.count if feeds.redundancy == "N" else feeds_left(feeds)
    return envelope_kw / max(1, sharing)


def _pue(site: OnPremSite | EdgeSite, load: Load, catalog: Catalog) -> tuple[float, float, bool]:
    """Design and annual PUE: as given, else of the cooling kinds, weighted by their heat."""
    given = site.facility.pue
    if given is not None:
        return given.design, given.annual, True
    heat: dict[str, float] = {}
    for pool in load.pools:
        kind = load.fits[pool.name].cooling
        if kind:
            heat[kind] = heat.get(kind, 0.0) + pool.nodes * (pool.node_power_kw or 0.0)
    if sum(heat.values()) <= 0:
        heat = dict.fromkeys(sorted(set(site.facility.cooling)), 1.0)
    limits = {kind: catalog.cooling_limits[kind] for kind in sorted(heat)}
    weighted = sum(limits[kind].pue * heat[kind] for kind in limits) / sum(heat.values())
    verified = all(limit.provenance.verified("pue") for limit in limits.values())
    return weighted, weighted, verified


def _all_known(load: Load) -> bool:
    return (
        all(p.node_power_kw is not None and p.node_power_verified for p in load.pools if p.nodes)
        and all(network.power_verified for network in load.networks)
        and all(tier.power_kw is not None for tier in load.storage if tier.appliances)
    )


def _firm_kw(load: Load) -> float:
    """The part of IT power that rests on verified figures: all that may gate a design."""
    pools = sum(p.nodes * (p.node_power_kw or 0.0) for p in load.pools if p.node_power_verified)
    networks = sum(network.power_kw for network in load.networks if network.power_verified)
    return pools + networks + sum(tier.power_kw or 0.0 for tier in load.storage)


def _uncounted(load: Load) -> list[Finding]:
    """Pools are reported where their racks are fitted, storage where it is sized."""
    findings = []
    for network in load.networks:
        if network.power_verified or network.switches.total == 0:
            continue
        counted = (
            f"{network.power_kw / network.switches.total * 1000:.4g} W of each are counted"
            if network.power_kw
            else "they are not counted"
        )
        text = (
            f"The maximum power of `{network.switch}` has no good source; {counted} for the "
            f"{network.switches.total} switches of network `{network.name}`."
        )
        findings.append(found("AIF-DSN-026", text, ("fabric", network.name)))
    return findings


def _limits(site: OnPremSite | EdgeSite, power: SitePower, firm_kw: float) -> list[Finding]:
    """Findings on envelope and feeds; they gate only where `firm_kw` alone is too much."""
    findings = []
    path = ("sites", site.name, "facility")
    if power.facility_kw > power.envelope_kw:
        text = (
            f"Site `{site.name}` draws up to {power.facility_kw:,.1f} kW ({power.it_kw:,.1f} kW of "
            f"machines at a PUE of {power.pue_design:.4g}), but its envelope is "
            f"{power.envelope_kw:,.1f} kW."
        )
        hint = "Place fewer machines at the site, lower its PUE, or contract more power."
        firm = firm_kw > power.envelope_kw
        findings.append(found("AIF-DSN-008", text, (*path, "envelope"), hint=hint, verified=firm))
    survives = power.redundancy != "N"
    if survives and power.after_feed_loss_kw < power.facility_kw:
        left = feeds_left(site.facility.feeds)
        text = (
            f"With {power.redundancy} site `{site.name}` must live on {left} of {power.feeds} "
            f"feeds, {power.after_feed_loss_kw:,.1f} kW, but draws up to "
            f"{power.facility_kw:,.1f} kW."
        )
        hint = "Add feeds, raise their capacity, or place fewer machines at the site."
        firm = firm_kw > power.after_feed_loss_kw
        findings.append(found("AIF-DSN-009", text, (*path, "feeds"), hint=hint, verified=firm))
    whole = power.feeds * power.feed_capacity_kw
    if not survives and whole < power.facility_kw <= power.envelope_kw:
        text = (
            f"The {power.feeds} feeds of site `{site.name}` give {whole:,.1f} kW, but it draws up "
            f"to {power.facility_kw:,.1f} kW."
        )
        findings.append(found("AIF-DSN-009", text, (*path, "feeds"), verified=firm_kw > whole))
    return findings

"""How many nodes of a pool fit in one rack of its site, and what stops more.

Limits are the rack's power (the site's, and what its cooling carries off), rack units, the weight
that rack and floor bear, and the most that blueprint or vendor put in one. A limit that rests on an
unpublished figure does not bind; one that rests on an unverified figure binds, but is reported one
severity lower.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

from aifactory_iac.blueprint.model.compute import Pool
from aifactory_iac.blueprint.model.sites import EdgeSite, OnPremSite
from aifactory_iac.catalog import Catalog
from aifactory_iac.catalog.facts import CoolingLimit, Rack, System
from aifactory_iac.design.model import PoolDesign
from aifactory_iac.design.rules import found
from aifactory_iac.findings import Finding

_EPSILON_KW = 1e-9


@dataclass(frozen=True, slots=True)
class Fit:
    """Nodes in one rack, and the rack itself. Weights are NaN where not published."""

    nodes: int
    node_units: int
    node_weight_kg: float
    rack_units: int
    limit_kw: float
    cooling: str
    """The cooling kind that the limit is of."""
    height_known: bool = True


def usable_cooling(
    site: OnPremSite | EdgeSite, catalog: Catalog, *, liquid: bool
) -> CoolingLimit | None:
    """The densest of the site's cooling kinds that takes air-cooled or liquid-cooled systems."""
    kinds = [catalog.cooling_limits[kind] for kind in sorted(set(site.facility.cooling))]
    fitting = [kind for kind in kinds if kind.liquid == liquid]
    return max(fitting, key=lambda kind: (kind.max_kw, kind.id), default=None)


def rack_model(site: OnPremSite | EdgeSite, catalog: Catalog) -> Rack | None:
    """The site's rack model."""
    return catalog.racks.get(site.facility.racks.model)


def box_fit(site: OnPremSite | EdgeSite, catalog: Catalog) -> Fit:
    """A rack for switches or storage, which are air-cooled."""
    cooling = usable_cooling(site, catalog, liquid=False) or usable_cooling(
        site, catalog, liquid=True
    )
    model = rack_model(site, catalog)
    units = site.facility.racks.units or (model.rack_units if model else 1)
    return Fit(0, 1, math.nan, units, _limit(site, cooling), cooling.id if cooling else "")


def beside(fit: Fit, node_power_kw: float | None, units: int, power_kw: float) -> tuple[Fit, int]:
    """Nodes of a pool in a rack beside other things of so many units and kilowatts, at least 0.

    The fit comes back changed where the height of a node is not known: nodes then share equally
    what the other things leave.
    """
    room = fit.rack_units - units
    if not fit.height_known and room >= fit.nodes:
        fit = replace(fit, node_units=room // fit.nodes)
    bounds = [_many(room, fit.node_units), _many(fit.limit_kw - power_kw, node_power_kw)]
    return fit, max(0, min([fit.nodes, *(most for most in bounds if most is not None)]))


def fit_pool(
    site: OnPremSite | EdgeSite,
    asked: Pool,
    pool: PoolDesign,
    catalog: Catalog,
    findings: list[Finding],
) -> Fit:
    """The fit of one pool; at least one machine in a rack, with a finding where none fits."""
    system = catalog.systems[pool.system]
    cooling = _cooling(site, system, pool, catalog, findings)
    frame = _frame(site, system, pool, catalog, findings)
    limit = _limit(site, cooling)
    room = _Room(frame[0], frame[1], limit, _firm(site, cooling, limit))
    _unknown(system, pool, findings)
    height = 1 if pool.trays > 1 else system.rack_units
    weight = math.nan if system.weight_kg is None else system.weight_kg / pool.trays
    bounds = {
        "units": None if height is None or pool.trays > 1 else room.units // height,
        "power": _many(limit, pool.node_power_kw),
        "weight": _many(room.load_kg, weight),
    }
    for cause, most in sorted(bounds.items()):
        if most is not None and most < pool.trays:
            findings.append(_does_not_fit(pool, system, cause, room))
    nodes = pool.trays if pool.trays > 1 else _servers(asked, system, bounds)
    _review(pool, nodes, cooling, findings)
    # Machines of unknown height share the rack equally, so that none stands in another.
    units = height or max(1, room.units // nodes)
    kind = cooling.id if cooling else ""
    return Fit(nodes, units, weight, room.units, limit, kind, height_known=height is not None)


@dataclass(frozen=True, slots=True)
class _Room:
    """What a rack position takes: units, kilograms of contents, kilowatts (infinite: no limit)."""

    units: int
    load_kg: float
    limit_kw: float
    limit_verified: bool


def _unknown(system: System, pool: PoolDesign, findings: list[Finding]) -> None:
    """Findings for what the catalog does not know of a machine, or not well."""
    path = ("compute", pool.name)
    power = pool.node_power_kw
    if power is None and pool.nodes:
        text = (
            f"The maximum power of `{system.id}` is not published: without it neither the racks of "
            f"pool `{pool.name}` nor the feeds of site `{pool.site}` can be checked."
        )
        hint = "Give `node_power`, the most that one machine draws, from your vendor."
        findings.append(found("AIF-DSN-010", text, path, hint=hint))
    elif power is not None and not pool.node_power_verified:
        text = f"The maximum power of `{system.id}`, {power * pool.trays:g} kW, is not verified."
        hint = "Give `node_power` from your vendor."
        findings.append(found("AIF-DSN-011", text, path, hint=hint))
    if system.weight_kg is None:
        text = f"The weight of `{system.id}` is not published; rack loads are not checked."
        findings.append(found("AIF-DSN-021", text, path))
    if system.rack_units is None and pool.trays == 1:
        text = f"The height of `{system.id}` is not published; rack units are not checked."
        hint = "Give `per_rack`, or the height in a catalog overlay."
        findings.append(found("AIF-DSN-029", text, path, hint=hint))


def _cooling(
    site: OnPremSite | EdgeSite,
    system: System,
    pool: PoolDesign,
    catalog: Catalog,
    findings: list[Finding],
) -> CoolingLimit | None:
    liquid = system.cooling in ("direct-liquid", "hybrid")
    cooling = usable_cooling(site, catalog, liquid=liquid)
    if cooling is None:
        needs = "liquid" if liquid else "air"
        offers = ", ".join(sorted(set(site.facility.cooling)))
        text = (
            f"`{system.id}` of pool `{pool.name}` is {system.cooling or 'air'}-cooled and needs "
            f"{needs} cooling, but site `{site.name}` offers only {offers}."
        )
        kinds = sorted(kind.id for kind in catalog.cooling_limits.values() if kind.liquid == liquid)
        hint = f"Add one of {', '.join(kinds)} to the site, or choose another system."
        verified = system.provenance.verified("cooling")
        findings.append(
            found("AIF-DSN-012", text, ("compute", pool.name), hint=hint, verified=verified)
        )
    return cooling


def _limit(site: OnPremSite | EdgeSite, cooling: CoolingLimit | None) -> float:
    """Most kilowatts in one rack: the site's limit, and the wall of the cooling kind."""
    given = site.facility.racks.limit
    walls = [given.kw] if given is not None else []
    if cooling is not None:
        walls.append(cooling.max_kw)
    return min(walls, default=math.inf)


def _frame(
    site: OnPremSite | EdgeSite,
    system: System,
    pool: PoolDesign,
    catalog: Catalog,
    findings: list[Finding],
) -> tuple[int, float]:
    """Rack units, and the kilograms that rack and floor bear; a rack-scale system has its own."""
    racks = site.facility.racks
    floor = racks.weight.base if racks.weight is not None else math.inf
    model = rack_model(site, catalog)
    if pool.trays > 1:
        return system.rack_units or racks.units or pool.trays, floor
    if model is None:
        text = f"Rack model `{racks.model}` of site `{site.name}` is not in the catalog."
        path = ("sites", site.name, "facility", "racks", "model")
        findings.append(found("AIF-DSN-025", text, path))
        return racks.units or system.rack_units or 1, floor
    own = model.weight_kg or 0.0
    load = model.load_kg if model.load_kg is not None else math.inf
    return racks.units or model.rack_units, min(floor - own, load)


def _firm(site: OnPremSite | EdgeSite, cooling: CoolingLimit | None, limit: float) -> bool:
    """Whether the power limit may gate: the site's own may, a cooling kind's if it is verified."""
    given = site.facility.racks.limit
    if given is not None and given.kw <= limit:
        return True
    return cooling is None or cooling.provenance.verified("max_kw")


def _many(room: float, each: float | None) -> int | None:
    """How many fit; `None` where nothing limits them."""
    if each is None or math.isnan(each) or math.isinf(room) or each <= 0:
        return None
    return math.floor(room / each + _EPSILON_KW)


def _servers(asked: Pool, system: System, bounds: Mapping[str, int | None]) -> int:
    """Servers in a rack: what blueprint or vendor say, at most what fits, at least one."""
    limits = [most for most in bounds.values() if most is not None]
    wanted = asked.per_rack or system.recommended_per_rack
    if bounds["units"] is None:
        wanted = wanted or 1
    return max(1, min([*limits, wanted] if wanted else limits, default=1))


def _does_not_fit(pool: PoolDesign, system: System, cause: str, room: _Room) -> Finding:
    power = (pool.node_power_kw or 0.0) * pool.trays
    said = {
        "units": f"is {system.rack_units} units high, but a rack has {room.units}",
        "power": f"draws up to {power:.4g} kW, but a rack is limited to {room.limit_kw:.4g} kW",
        "weight": f"weighs {system.weight_kg} kg, but a rack position takes {room.load_kg:.4g} kg",
    }[cause]
    verified = {
        "units": system.provenance.verified("rack_units"),
        "power": pool.node_power_verified and room.limit_verified,
        "weight": system.provenance.verified("weight_kg"),
    }[cause]
    hint = {
        "units": "Choose a taller rack model.",
        "power": "Raise the rack limit or choose a cooling kind that carries more.",
        "weight": "Choose a stronger rack or floor.",
    }[cause]
    nowhere = f"A node of pool `{pool.name}` fits in no rack of site `{pool.site}`"
    if pool.trays > 1:
        nowhere = f"A rack of pool `{pool.name}` stands at no position of site `{pool.site}`"
    text = f"{nowhere}: it {said}."
    return found("AIF-DSN-005", text, ("compute", pool.name), hint=hint, verified=verified)


def _review(
    pool: PoolDesign,
    nodes: int,
    cooling: CoolingLimit | None,
    findings: list[Finding],
) -> None:
    path = ("compute", pool.name)
    if pool.node_power_kw is None or cooling is None or pool.nodes == 0:
        return
    density = min(nodes, pool.nodes) * pool.node_power_kw
    if cooling.review_kw < density <= cooling.max_kw + _EPSILON_KW:
        text = (
            f"Racks of pool `{pool.name}` draw up to {density:.4g} kW; above "
            f"{cooling.review_kw:.4g} kW with {cooling.id} cooling a design needs review."
        )
        hint = "Have airflow modelled, put fewer nodes in a rack, or choose denser cooling."
        verified = cooling.provenance.verified("review_kw")
        findings.append(found("AIF-DSN-006", text, path, hint=hint, verified=verified))

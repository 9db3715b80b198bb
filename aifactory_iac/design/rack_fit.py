"""How many nodes of a pool fit in one rack of its site, and what stops more.

Limits are the rack's power (the site's, and what its cooling carries off), rack units, the weight
that rack and floor bear, and the most that blueprint or vendor put in one. A limit that rests on an
unpublished figure does not bind; one that rests on an unverified figure binds, but is reported one
severity lower.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from aifactory_iac.blueprint.model.compute import Pool
from aifactory_iac.blueprint.model.sites import EdgeSite, OnPremSite
from aifactory_iac.catalog import Catalog
from aifactory_iac.catalog.facts import CoolingLimit, Rack, System
from aifactory_iac.design.model import PoolDesign
from aifactory_iac.design.rules import found
from aifactory_iac.findings import Finding, Path

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


def fit_pool(
    site: OnPremSite | EdgeSite,
    asked: Pool,
    pool: PoolDesign,
    catalog: Catalog,
    findings: list[Finding],
) -> Fit:
    """The fit of one pool; at least one machine in a rack, with a finding where none fits."""
    system = catalog.systems[pool.system]
    path = ("compute", pool.name)
    cooling = _cooling(site, system, pool, catalog, findings)
    limit = _limit(site, cooling)
    frame = _frame(site, system, pool, catalog, findings)
    node_units = max(1, (system.rack_units or 1) if pool.trays == 1 else 1)
    power = pool.node_power_kw
    if power is None:
        text = (
            f"The maximum power of `{system.id}` is not published, so pool `{pool.name}` is not "
            "counted and its racks are not checked."
        )
        hint = "Give `node_power`."
        findings.append(found("AIF-DSN-010", text, path, hint=hint))
    elif not pool.node_power_verified:
        text = f"The maximum power of `{system.id}`, {power * pool.trays:g} kW, is not verified."
        hint = "Give `node_power` from your vendor."
        findings.append(found("AIF-DSN-011", text, path, hint=hint))
    weight = math.nan if system.weight_kg is None else system.weight_kg / pool.trays
    if math.isnan(weight):
        text = f"The weight of `{system.id}` is not published; rack loads are not checked."
        findings.append(found("AIF-DSN-021", text, path))
    bounds = {
        "units": frame.units // node_units,
        "power": _many(limit, power),
        "weight": _many(frame.load_kg, weight),
    }
    if pool.trays > 1:
        nodes = _rack_scale(pool, system, bounds, limit, frame, findings)
    else:
        nodes = _servers(asked, pool, system, bounds, (limit, frame), findings)
    _review(pool, nodes, cooling, path, findings)
    return Fit(nodes, node_units, weight, frame.units, limit, cooling.id if cooling else "")


@dataclass(frozen=True, slots=True)
class _Frame:
    """What a rack position takes: units, and kilograms of contents (infinite when not limited)."""

    units: int
    load_kg: float


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
) -> _Frame:
    racks = site.facility.racks
    floor = racks.weight.base if racks.weight is not None else math.inf
    model = rack_model(site, catalog)
    if pool.trays > 1:
        return _Frame(system.rack_units or racks.units or pool.trays, floor)
    if model is None:
        text = f"Rack model `{racks.model}` of site `{site.name}` is not in the catalog."
        path = ("sites", site.name, "facility", "racks", "model")
        findings.append(found("AIF-DSN-025", text, path))
        return _Frame(racks.units or system.rack_units or 1, floor)
    own = model.weight_kg or 0.0
    load = model.load_kg if model.load_kg is not None else math.inf
    return _Frame(racks.units or model.rack_units, min(floor - own, load))


def _many(room: float, each: float | None) -> int | None:
    """How many fit; `None` where nothing limits them."""
    if each is None or math.isnan(each) or math.isinf(room) or each <= 0:
        return None
    return int(room / each + _EPSILON_KW)


def _servers(
    asked: Pool,
    pool: PoolDesign,
    system: System,
    bounds: dict[str, int | None],
    room: tuple[float, _Frame],
    findings: list[Finding],
) -> int:
    limit, frame = room
    for cause, most in sorted(bounds.items()):
        if most == 0:
            findings.append(_does_not_fit(pool, system, cause, limit, frame))
    physical = min((most for most in bounds.values() if most is not None), default=1)
    chosen = asked.per_rack or system.recommended_per_rack or physical
    return max(1, min(physical, chosen))


def _rack_scale(
    pool: PoolDesign,
    system: System,
    bounds: dict[str, int | None],
    limit: float,
    frame: _Frame,
    findings: list[Finding],
) -> int:
    """A rack-scale system is a rack of its own: all its trays, or a finding."""
    for cause in ("power", "weight"):
        most = bounds[cause]
        if most is not None and most < pool.trays:
            findings.append(_does_not_fit(pool, system, cause, limit, frame))
    return pool.trays


def _does_not_fit(
    pool: PoolDesign, system: System, cause: str, limit: float, frame: _Frame
) -> Finding:
    power = (pool.node_power_kw or 0.0) * pool.trays
    said = {
        "units": f"is {system.rack_units} units high, but a rack has {frame.units}",
        "power": f"draws up to {power:.4g} kW, but a rack is limited to {limit:.4g} kW",
        "weight": f"weighs {system.weight_kg} kg, but a rack position takes {frame.load_kg:.4g} kg",
    }[cause]
    verified = {
        "units": system.provenance.verified("rack_units"),
        "power": pool.node_power_verified,
        "weight": system.provenance.verified("weight_kg"),
    }[cause]
    hint = {
        "units": "Choose a taller rack model.",
        "power": "Raise the rack limit or choose a cooling kind that carries more.",
        "weight": "Choose a stronger rack or floor.",
    }[cause]
    text = f"A node of pool `{pool.name}` fits in no rack of site `{pool.site}`: it {said}."
    return found("AIF-DSN-005", text, ("compute", pool.name), hint=hint, verified=verified)


def _review(
    pool: PoolDesign,
    nodes: int,
    cooling: CoolingLimit | None,
    path: Path,
    findings: list[Finding],
) -> None:
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

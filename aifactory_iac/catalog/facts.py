"""Typed facts. Units stand in the field names; `None` is "not published", never zero.

Every record carries its `Provenance`: who says so, when, and which fields no source is good enough
to gate a design on (`unverified`). Such a value is shown and marked, never gated on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Status = Literal["shipping", "announced", "rent-only", "end-of-life"]


@dataclass(frozen=True, slots=True)
class Source:
    """Who says so. `date` is ISO 8601 or a year; the collection date where the page has none."""

    key: str
    title: str
    url: str
    date: str
    kind: str
    via: str | None = None
    """Key of the source that it was read through, when it was not read itself."""


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a record comes from. `unverified` holds dotted names of its fields; `*` is all."""

    sources: tuple[Source, ...]
    unverified: frozenset[str] = frozenset()
    note: str | None = None
    layer: str = "catalog"

    def verified(self, field: str) -> bool:
        """Whether a design may be gated on the field (or on a field inside it)."""
        return not any(
            name in ("*", field) or field.startswith(f"{name}.") for name in self.unverified
        )


@dataclass(frozen=True, slots=True)
class Accelerator:
    """One accelerator package as software sees it."""

    id: str
    vendor: str
    name: str
    architecture: str | None
    memory_gb: float
    memory_type: str
    memory_bandwidth_tb_s: float | None
    memory_visible_mib: int | None
    tflops_dense: Mapping[str, float]
    """Dense TFLOPS (TOPS for int8) by precision; only those that are published."""
    tflops_sparse: Mapping[str, float]
    mamf_tflops: Mapping[str, float]
    """Measured maximum achievable matmul TFLOPS: a realistic ceiling."""
    power_w: float | None
    power_term: str | None
    scale_up_gb_s: float | None
    """One direction, per accelerator."""
    scale_up_domain: int | None
    mig_profiles: Mapping[str, int]
    """Most instances of a profile per accelerator, used alone; empty without MIG."""
    cooling: str | None
    status: Status
    price_usd: float | None
    provenance: Provenance


@dataclass(frozen=True, slots=True)
class NicPorts:
    """A group of like network ports on a system."""

    role: str
    count: int
    gbps: int
    model: str | None


@dataclass(frozen=True, slots=True)
class System:
    """A server, an edge system, or a rack-scale system (`form == "rack"`).

    For a rack every figure is of the whole rack: GPUs, ports, weight, power. Divide by `trays` for
    one operating system.
    """

    id: str
    vendor: str
    name: str
    form: Literal["server", "rack", "edge"]
    accelerators: tuple[str, ...]
    """Accelerator ids that it can carry; the first is the usual one; empty for CPU nodes."""
    gpus: int
    trays: int
    """Compute trays, each one operating system: 1 for a server, 18 for an NVL72 rack."""
    rack_units: int | None
    weight_kg: float | None
    power_kw_max: float | None
    power_kw_typical: tuple[float, float] | None
    cooling: Literal["air", "hybrid", "direct-liquid"] | None
    liquid_share: float | None
    cpu_sockets: int | None
    cpu_cores: int | None
    memory_gib: int | None
    local_nvme_tb: float | None
    nics: tuple[NicPorts, ...]
    rails: int
    """GPU-facing network planes of one operating system; 0 where the ports are not published."""
    recommended_per_rack: int | None
    scalable_unit_nodes: int | None
    """Nodes (racks, for `form == "rack"`) of one scalable unit of the reference architecture."""
    status: Status
    price_usd: tuple[float, float] | None
    """Low and high of prices seen in public; never a quote."""
    provenance: Provenance
    power_kw_design: float | None = None
    """Planning figure of a reference architecture, where it differs from the maximum."""
    scalable_units: Mapping[str, int] = field(default_factory=dict)
    """Nodes (racks) of one scalable unit by fabric technology, such as `infiniband-ndr`."""

    def ports(self, role: str) -> tuple[int, int]:
        """Count and Gb/s of the ports of that role: compute, storage, in-band; (0, 0) if none."""
        found = [nic for nic in self.nics if nic.role == role]
        return (sum(nic.count for nic in found), found[0].gbps) if found else (0, 0)


@dataclass(frozen=True, slots=True)
class Switch:
    """A switch model. `radix` is the number of logical ports by port speed in Gb/s."""

    id: str
    vendor: str
    asic: str | None
    fabric: Literal["infiniband", "ethernet", "nvlink"]
    radix: Mapping[int, int]
    ports_per_cage: int
    cages: int
    rack_units: int
    power_w_max: float | None
    power_w_typical: float | None
    weight_kg: float | None
    cooling: str
    price_usd: tuple[float, float] | None
    provenance: Provenance
    switches_in_chassis: int = 1
    """Independent switches in one chassis; `radix` is of one, the rest of the whole chassis."""


@dataclass(frozen=True, slots=True)
class Nic:
    """A network adapter."""

    id: str
    ports: int
    gbps: int
    protocols: tuple[str, ...]
    cage: str | None
    provenance: Provenance


@dataclass(frozen=True, slots=True)
class Cable:
    """A cable or transceiver."""

    id: str
    kind: Literal["dac", "acc", "aoc", "mm", "sm", "fiber"]
    gbps: int
    ends: str
    max_m: float | None
    max_power_w: float | None
    """Of one end."""
    protocols: tuple[str, ...]
    provenance: Provenance
    links: int = 1
    """Links of `gbps` that it carries: 2 for a twin-port transceiver or a splitter."""
    lengths_m: tuple[float, ...] = ()
    """Lengths sold; empty where any length is, or none is published."""


@dataclass(frozen=True, slots=True)
class Rack:
    """A rack model."""

    id: str
    name: str
    rack_units: int
    load_kg: float | None
    weight_kg: float | None
    provenance: Provenance


@dataclass(frozen=True, slots=True)
class Instance:
    """An EC2 instance type. `usd_h` is On-Demand Linux in us-east-1; `None` when not sold so."""

    id: str
    family: str
    vcpu: int | None
    memory_gib: int | None
    arch: Literal["amd64", "arm64"]
    accelerator: str | None
    accelerators: int
    efa: int
    network_cards: int
    network_gbps: float
    nvme_gb: float | None
    usd_h: float | None
    price_date: str | None
    quota_code: str | None
    capacity_block: bool | None
    """`None` when only implied."""
    ultraserver_only: bool
    eks_ami: str | None
    provenance: Provenance
    spot_quota_code: str | None = None
    capacity_block_usd_h: float | None = None
    """Price of one instance for an hour in a Capacity Block, as last seen in public."""
    capacity_block_price_date: str | None = None


@dataclass(frozen=True, slots=True)
class Region:
    """An AWS region."""

    id: str
    country: str
    """ISO 3166-1 alpha-2."""
    grid_zone: str
    g_per_kwh: float | None
    provenance: Provenance


@dataclass(frozen=True, slots=True)
class StorageSystem:
    """A storage appliance."""

    id: str
    rack_units: int | None
    read_gb_s: float | None
    write_gb_s: float | None
    capacity_tb: float | None
    power_kw: float | None
    provenance: Provenance


@dataclass(frozen=True, slots=True)
class FsxTier:
    """An FSx for Lustre PERSISTENT_2 SSD throughput tier."""

    id: str
    mb_s_per_tib: int
    efa_step_gib: int
    usd_gb_month: float | None
    price_date: str | None
    provenance: Provenance


@dataclass(frozen=True, slots=True)
class CoolingLimit:
    """Rack density by cooling kind, in kW per rack: a review band and a hard wall."""

    id: str
    review_kw: float
    """Above this a design needs review."""
    max_kw: float
    """Above this a design is refused."""
    pue: float
    """Default annual PUE for the kind."""
    liquid: bool
    """Whether coolant reaches the chips; a rear door cools air, so it does not count."""
    provenance: Provenance


@dataclass(frozen=True, slots=True)
class GridCarbon:
    """Location-based annual average of a country, in grams of CO2e per kWh."""

    id: str
    """ISO 3166-1 alpha-2."""
    name: str
    g_per_kwh: float
    year: int
    provenance: Provenance


@dataclass(frozen=True, slots=True)
class ElectricityPrice:
    """Industrial electricity price of a country, of a state as `US-TX`, or `default`."""

    id: str
    usd_kwh: tuple[float, float, float]
    """Low, mid, high."""
    date: str
    provenance: Provenance


@dataclass(frozen=True, slots=True)
class Constant:
    """A sourced number that a formula needs: `id` is a dotted name, such as `mfu.training`.

    `low` and `high` equal `value` where the source gives a point.
    """

    id: str
    value: float
    low: float
    high: float
    unit: str
    provenance: Provenance

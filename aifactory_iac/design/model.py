"""The engineered factory: pure data, deterministic; its big tables are those of `tables.py`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from aifactory_iac.design.estimate import Estimate
from aifactory_iac.design.tables import Device, DeviceTable, Node, NodeTable, RackTable
from aifactory_iac.findings import Finding


@dataclass(frozen=True, slots=True)
class PoolDesign:
    """What one pool amounts to.

    `nodes` counts operating systems. A rack-scale system (`form: rack`) is bought by the rack and
    a blueprint's `count`, `scalable_units` and `node_power` are of racks; each of its compute trays
    is one node here, so an NVL72 rack is 18 nodes of 4 GPUs, and `node_power_kw` is a tray's share.
    Spares are among `nodes`, not added to them.
    """

    name: str
    site: str
    system: str
    """System or instance type id."""
    accelerator: str | None
    nodes: int
    spares: int
    """Of `nodes`, how many stand by."""
    scalable_units: int
    nodes_per_unit: int
    gpus: int
    """Of all nodes, spares included."""
    gpus_per_node: int
    per_rack: int | None
    node_power_kw: float | None
    node_power_verified: bool
    memory_tb: float
    """Accelerator memory as labelled, decimal terabytes."""
    petaflops_dense: Mapping[str, float]
    """By precision, dense, only those published."""
    trays: int = 1
    """Nodes of one machine: 1 for a server, the compute trays of a rack-scale system."""
    by_unit: bool = True
    """Whether the system has scalable units; without, all nodes are slots of unit 1."""
    vacated: int = 0
    """Last slots of unit 1 that stay empty because fabric managers take their switch ports."""
    phase: int = 1
    """Build-out phase in which it joins its site."""

    @property
    def machines(self) -> int:
        """What is bought: servers, or whole racks of a rack-scale system."""
        return -(-self.nodes // self.trays)


@dataclass(frozen=True, slots=True)
class Switches:
    """Switch counts by tier."""

    leaf: int
    spine: int
    core: int

    @property
    def total(self) -> int:
        """All tiers."""
        return self.leaf + self.spine + self.core


@dataclass(frozen=True, slots=True)
class Cables:
    """Cable counts by what they join."""

    host: int
    leaf_spine: int
    spine_core: int


@dataclass(frozen=True, slots=True)
class NetworkDesign:
    """One network with its counts; cloud networks have no switches of ours."""

    name: str
    role: str
    site: str
    technology: str
    switch: str | None
    pools: tuple[str, ...]
    endpoints: int
    rails: int
    planes: int
    tiers: int
    port_gbps: int
    leaf_down: int
    leaf_up: int
    switches: Switches
    cables: Cables
    oversubscription: float
    """Downlink over uplink bandwidth at a full leaf."""
    designed_for_nodes: int
    """Nodes there is room for, from `grows_to`."""
    switch_names: tuple[str, ...]
    """All switches, leaves first, then spines, then cores; stable under growth."""
    subnets: Mapping[str, str]
    """CIDR by purpose, such as `rail-1`, `loopback`."""
    mtu: int
    power_kw: float
    power_verified: bool
    phase: int = 1
    """Build-out phase in which it joins its site."""


@dataclass(frozen=True, slots=True)
class SitePower:
    """The power chain of a facility site, in kW."""

    site: str
    it_kw: float
    nodes_kw: float
    network_kw: float
    storage_kw: float
    facility_kw: float
    """IT power times design PUE."""
    envelope_kw: float
    feeds: int
    feed_capacity_kw: float
    redundancy: str
    after_feed_loss_kw: float
    """What the remaining feeds give."""
    pue_design: float
    pue_annual: float
    verified: bool


@dataclass(frozen=True, slots=True)
class SiteCooling:
    """Heat by how it leaves, in kW, with the flow that carries it."""

    site: str
    air_kw: float
    liquid_kw: float
    airflow_cfm: float
    """At the design temperature rise of the catalog."""
    water_l_min: float
    verified: bool


@dataclass(frozen=True, slots=True)
class TierDesign:
    """One storage tier: what is asked of it and what it gives; `None` is not known."""

    name: str
    site: str
    kind: str
    system: str | None
    appliances: int
    capacity_tb: float | None
    read_gb_s: float | None
    write_gb_s: float | None
    needed_capacity_tb: float
    """Datasets, their growth over a year, and checkpoints kept."""
    needed_read_gb_s: float
    """1 GB/s per GPU that mounts it, or what the blueprint asks for, whichever is more."""
    needed_write_gb_s: float
    throughput_tier: int | None
    power_kw: float | None
    verified: bool
    efa: bool = False
    """FSx: whether a pool that mounts it has EFA, which sets the steps its capacity comes in."""
    phase: int = 1
    """Build-out phase in which it joins its site."""


@dataclass(frozen=True, slots=True)
class WorkloadDesign:
    """What one workload needs and gets, by named estimate.

    Training: `training_days`, `flops`, `memory_per_gpu_gb`, `checkpoint_tb`, `checkpoint_gb_s`.
    Serving: `gpus_needed`, `tokens_per_s`, `tokens_per_joule`, `usd_per_million_tokens`.
    """

    name: str
    kind: str
    clusters: tuple[str, ...]
    gpus: int
    estimates: Mapping[str, Estimate]


@dataclass(frozen=True, slots=True)
class Subnet:
    """One block of the address plan."""

    site: str
    purpose: str
    cidr: str
    used: int
    capacity: int


@dataclass(frozen=True, slots=True)
class Economics:
    """Money, energy and carbon by named estimate; keys are stable and documented in the report.

    `capex_usd`, `opex_usd_year`, `usd_per_gpu_hour`, `energy_mwh_year`, `carbon_t_year`,
    `water_...` may be absent where nothing is known. `by_pool` and `by_site` hold the same names.
    """

    total: Mapping[str, Estimate]
    by_pool: Mapping[str, Mapping[str, Estimate]]
    by_site: Mapping[str, Mapping[str, Estimate]]


@dataclass(frozen=True, slots=True)
class Design:
    """The whole factory."""

    blueprint: str
    version: str
    nodes: NodeTable
    racks: RackTable
    devices: DeviceTable
    pools: Mapping[str, PoolDesign]
    networks: Mapping[str, NetworkDesign]
    power: Mapping[str, SitePower]
    cooling: Mapping[str, SiteCooling]
    storage: Mapping[str, TierDesign]
    workloads: Mapping[str, WorkloadDesign]
    subnets: tuple[Subnet, ...]
    economics: Economics
    findings: tuple[Finding, ...]
    """What cannot be built, or is built on a fact that is not verified."""

    def each_node(self) -> Iterator[Node]:
        """Rows of the node table, in table order."""
        table = self.nodes
        for row in range(len(table)):
            pool = self.pools[table.pools[int(table.pool[row])]]
            rack = int(table.rack[row])
            yield Node(
                name=table.name[row],
                site=pool.site,
                pool=pool.name,
                system=pool.system,
                role="accelerated" if pool.accelerator else "general",
                rack=self.racks.name[rack] if rack >= 0 else None,
                unit=int(table.unit[row]) if rack >= 0 else None,
                scalable_unit=int(table.scalable_unit[row]),
                slot=int(table.slot[row]),
                spare=bool(table.spare[row]),
            )

    def each_device(self) -> Iterator[Device]:
        """Rows of the device table, in table order."""
        table = self.devices
        for row, (rack, unit) in enumerate(
            zip(table.rack.tolist(), table.unit.tolist(), strict=True)
        ):
            yield Device(
                name=table.name[row],
                site=table.site[row],
                kind=table.kind[row],
                owner=table.owner[row],
                tier=table.tier[row],
                model=table.model[row],
                rack=self.racks.name[rack] if rack >= 0 else None,
                unit=unit if rack >= 0 else None,
            )

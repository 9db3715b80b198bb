"""What of a factory a lab can stand in for, read from the very units that are provisioned.

The provider gets its machines, switches and clusters from the arguments of the units' components;
the lab reads the same arguments, so that it never emulates another factory than the one applied.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from aifactory_iac.lab.identity import Identity, identity
from aifactory_iac.program.unit import Call, Unit

_POOL = "onprem.node_pool:NodePool"
_NETWORK = "onprem.site_network:SiteNetwork"
_CLUSTER = "onprem.metal_cluster:MetalCluster"


@dataclass(frozen=True, slots=True)
class Machine:
    """One machine to emulate. `group` is its scalable unit; `credentials` is `store:path`."""

    host: str
    site: str
    pool: str
    group: str
    system: str
    rack: str
    unit: int
    bmc: str
    address: str
    spare: bool
    credentials: str | None
    identity: Identity


@dataclass(frozen=True, slots=True)
class Switch:
    """One switch to emulate; `address` is empty where it is reached by its bare host name."""

    hostname: str
    site: str
    network: str
    role: str
    model: str
    os: str
    address: str
    credentials: str | None


@dataclass(frozen=True, slots=True)
class Cluster:
    """One cluster and the hosts that are, or will be, its members."""

    name: str
    site: str
    kind: str
    version: str | None
    hosts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CloudSite:
    """One AWS site; `account` is None where it is only known when applying."""

    name: str
    region: str
    account: str | None


@dataclass(frozen=True, slots=True)
class Inventory:
    """Everything to emulate, each list in a fixed order.

    `secrets` are all references that the units hold, as `store:path`, whoever uses them.
    """

    blueprint: str
    machines: tuple[Machine, ...] = ()
    switches: tuple[Switch, ...] = ()
    clusters: tuple[Cluster, ...] = ()
    clouds: tuple[CloudSite, ...] = ()
    secrets: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether there is nothing that a lab could do."""
        return not (self.machines or self.switches or self.clusters or self.clouds)


def inventory(blueprint: str, units: Iterable[Unit]) -> Inventory:
    """What the units of a blueprint would provision, as far as a lab can stand in for it."""
    every = tuple(units)
    calls = [call for unit in every for call in unit.calls]
    machines = tuple(each for call in calls for each in _machines(blueprint, call))
    return Inventory(
        blueprint=blueprint,
        machines=machines,
        switches=tuple(each for call in calls for each in _switches(call)),
        clusters=tuple(_clusters(calls, machines)),
        clouds=tuple(_clouds(every)),
        secrets=tuple(
            sorted(
                {
                    secret
                    for call in calls
                    if call.component.startswith("onprem.")
                    for secret in _references(call.args)
                }
            )
        ),
    )


def _machines(blueprint: str, call: Call) -> Iterator[Machine]:
    if call.component != _POOL:
        return
    args = call.args
    credentials = next(_references(args.get("bmc", {})), None)
    for group, content in args["units"].items():
        for host, place in content["machines"].items():
            yield Machine(
                host=host,
                site=args["site"],
                pool=args["pool"],
                group=group,
                system=args["system"],
                rack=place["rack"],
                unit=place["unit"],
                bmc=place["bmc"],
                address=place["address"],
                spare=place.get("spare", False),
                credentials=credentials,
                identity=identity(blueprint, host),
            )


def _switches(call: Call) -> Iterator[Switch]:
    if call.component != _NETWORK:
        return
    args = call.args
    credentials = next(_references(args.get("credentials")), None)
    addresses, domain = args.get("addresses", {}), args.get("domain")
    for role, tier in args["tiers"].items():
        for hostname in tier["switches"]:
            yield Switch(
                hostname=hostname,
                site=args["site"],
                network=args["network"],
                role=role,
                model=args["model"],
                os=args["os"],
                address=addresses.get(hostname, f"{hostname}.{domain}" if domain else ""),
                credentials=credentials,
            )


def _clusters(calls: Iterable[Call], machines: tuple[Machine, ...]) -> Iterator[Cluster]:
    for call in calls:
        if call.component == _CLUSTER:
            groups = {(member["pool"], member["unit"]) for member in call.args["members"].values()}
            hosts = (each.host for each in machines if (each.pool, each.group) in groups)
            args = call.args
            yield Cluster(call.name, args["site"], args["kind"], args["version"], tuple(hosts))


def _clouds(units: Iterable[Unit]) -> Iterator[CloudSite]:
    """One for each AWS provider, of which every unit of a site has the same."""
    seen: set[tuple[str, str]] = set()
    for unit in units:
        for provider in unit.providers:
            region = provider.args.get("region")
            if provider.package != "aws" or not isinstance(region, str):
                continue
            if (unit.site, region) not in seen:
                seen.add((unit.site, region))
                accounts = provider.args.get("allowed_account_ids", ())
                known = [each for each in accounts if isinstance(each, str)]
                yield CloudSite(unit.site, region, known[0] if known else None)


def _references(value: Any) -> Iterator[str]:
    """Secret references anywhere in an argument, as `store:path`."""
    if isinstance(value, Mapping):
        if value.keys() == {"store", "path"}:
            yield f"{value['store']}:{value['path']}"
            return
        for item in value.values():
            yield from _references(item)
    elif isinstance(value, tuple | list):
        for item in value:
            yield from _references(item)

"""Which part of a factory one host is to emulate."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from aifactory_iac.findings import Finding
from aifactory_iac.lab.inventory import Cluster, Inventory, Machine
from aifactory_iac.lab.rules import found

_Item = TypeVar("_Item")

MOST = 256
"""Machines (and switches) without an explicit limit: what a laptop starts in a few seconds."""


@dataclass(frozen=True, slots=True)
class Selection:
    """What the user wants of it. `limit` counts machines, and switches, each for itself."""

    sites: tuple[str, ...] = ()
    pools: tuple[str, ...] = ()
    limit: int | None = None


def selected(whole: Inventory, wanted: Selection) -> Inventory:
    """The part of an inventory that was asked for; without a limit, all of it.

    A limit takes machines of every pool in turn, and switches of every network in turn, so that a
    small lab still has some of each. Clusters keep those of their hosts that are left.
    """
    machines = [
        each
        for each in whole.machines
        if _wanted(each.site, wanted.sites) and _wanted(each.pool, wanted.pools)
    ]
    switches = [each for each in whole.switches if _wanted(each.site, wanted.sites)]
    if wanted.limit is not None:
        machines = _in_turn(machines, wanted.limit, lambda each: each.pool)
        switches = _in_turn(switches, wanted.limit, lambda each: each.network)
    hosts = {each.host for each in machines}
    clusters = (each for each in whole.clusters if _wanted(each.site, wanted.sites))
    return replace(
        whole,
        machines=tuple(machines),
        switches=tuple(switches),
        clusters=tuple(_left(clusters, hosts)),
        clouds=tuple(each for each in whole.clouds if _wanted(each.name, wanted.sites)),
    )


def faults_of(chosen: Inventory, wanted: Selection) -> tuple[Finding, ...]:
    """What keeps a selection from becoming a lab."""
    if chosen.empty:
        message = "There is nothing here that a lab can emulate: no machines, switches or AWS site"
        return (found("AIF-LAB-001", message, ("sites",), hint="choose other sites or pools"),)
    return (*_too_many(chosen, wanted), *_ambiguous(chosen), *_without_controller(chosen))


def _too_many(chosen: Inventory, wanted: Selection) -> Iterator[Finding]:
    if wanted.limit is not None:
        return
    for count, what in ((len(chosen.machines), "machines"), (len(chosen.switches), "switches")):
        if count > MOST:
            pools = Counter(each.pool for each in chosen.machines)
            largest = pools.most_common(1)[0][0] if pools else "NAME"
            yield found(
                "AIF-LAB-002",
                f"A lab of this would have {count:,} {what}; without a limit it takes up to {MOST}",
                ("compute" if what == "machines" else "fabric",),
                hint=f"choose some with `--limit {MOST}`, `--pool {largest}` or `--site NAME`",
            )


def _ambiguous(chosen: Inventory) -> Iterator[Finding]:
    """Two machines that a client could not tell apart."""
    holders: dict[tuple[str, str], list[Machine]] = defaultdict(list)
    for each in chosen.machines:
        holders["address", each.bmc].append(each)
        holders["serial number", each.identity.serial].append(each)
    for (what, value), machines in holders.items():
        if len(machines) > 1 and value:
            first, second = machines[0], machines[1]
            yield found(
                "AIF-LAB-003",
                f"{first.host} and {second.host} both have the {what} {value}",
                ("sites", first.site),
                hint="give the sites address blocks that do not overlap, or name one with `--site`",
                related=(("sites", second.site),),
            )


def _without_controller(chosen: Inventory) -> Iterator[Finding]:
    for each in chosen.machines:
        if each.bmc in ("", "0.0.0.0"):  # noqa: S104 - the design's word for no address
            yield found(
                "AIF-LAB-004",
                f"{each.host} has no address for its controller",
                ("compute", each.pool),
                hint="give its site a block of `addresses` that is large enough",
            )


def _wanted(name: str, names: Sequence[str]) -> bool:
    return not names or name in names


def _in_turn(items: Sequence[_Item], limit: int, family: Callable[[_Item], str]) -> list[_Item]:
    """The first of every family, then the second of every one, up to the limit; order is kept."""
    seen: Counter[str] = Counter()
    turns: list[tuple[int, int]] = []
    for place, item in enumerate(items):
        turns.append((seen[family(item)], place))
        seen[family(item)] += 1
    return [items[place] for place in sorted(place for _, place in sorted(turns)[:limit])]


def _left(clusters: Iterable[Cluster], hosts: set[str]) -> Iterator[Cluster]:
    for each in clusters:
        kept = tuple(host for host in each.hosts if host in hosts)
        if kept or not each.hosts:
            yield replace(each, hosts=kept)

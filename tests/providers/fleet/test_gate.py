"""The gate: nobody more than may be is let in, nobody is forgotten, and nobody waits for ever."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest

from aifactory_iac.providers.fleet.budget import DisruptionBudget, Member
from aifactory_iac.providers.fleet.floor import Floor, Lane
from aifactory_iac.providers.fleet.gate import FleetGate
from aifactory_iac.providers.machine.provisioner import ClosedError


class Watch:
    """Puts machines through a gate, and knows at every moment who is inside."""

    def __init__(self, gate, clock, intent):
        self.gate, self.clock, self.intent = gate, clock, intent
        self.inside: list[str] = []
        self.most = 0
        self.log: list[str] = []
        self.refused: dict[str, str] = {}

    async def machine(self, name, seconds=60.0, *, well=True, arrives=0.0):
        self.gate.begin(name)
        verdict = None
        try:
            await asyncio.sleep(arrives)
            async with self.gate.disturbance(self.intent(name)):
                self.inside.append(name)
                self.log.append(name)
                self.most = max(self.most, len(self.inside))
                await asyncio.sleep(seconds)
                self.inside.remove(name)
            verdict = well
        except ClosedError as error:
            self.refused[name] = str(error)
        finally:
            self.gate.end(name, well=verdict)

    async def all(self, *machines):
        with self.gate:
            await asyncio.gather(*machines)


@pytest.fixture
def watch(clock, intent):
    def make(budget, members, floor=None, **how):
        gate = FleetGate(budget, members, floor or Floor(), clock, **how)
        return Watch(gate, clock, intent)

    return make


def members(*names, **what):
    return [Member(name, **what) for name in names]


def test_first_one_then_one_of_each_rack_then_as_many_as_may(virtual, watch):
    racked = [Member(f"n{i}", f"r{i // 4}") for i in range(12)]

    async def run():
        group = watch(DisruptionBudget(unavailable=5), racked)
        await group.all(*(group.machine(each.name) for each in racked))
        return group.log, group.most, asyncio.get_running_loop().time()

    log, most, seconds = virtual(run)
    assert log[:1] == ["n0"]
    assert set(log[1:6]) >= {"n4", "n8"}
    assert not {"n5", "n6", "n7", "n9", "n10", "n11"} & set(log[:6])
    assert most == 5
    assert sorted(log) == sorted(each.name for each in racked)
    assert seconds == 240.0


def test_the_first_is_the_first_in_order_however_late_it_comes(virtual, watch):
    async def run():
        group = watch(DisruptionBudget(unavailable=3), members("a", "b", "c"))
        await group.all(group.machine("c"), group.machine("b"), group.machine("a", arrives=30))
        return group.log

    assert virtual(run) == ["a", "b", "c"]


def test_one_that_ends_without_having_come_is_not_waited_for(virtual, watch):
    async def run():
        group = watch(DisruptionBudget(unavailable=3), members("a", "b"))
        group.gate.begin("a")
        waiting = asyncio.ensure_future(group.all(group.machine("b")))
        await asyncio.sleep(10)
        before = list(group.log)
        group.gate.end("a", well=None)
        await waiting
        return before, group.log

    assert virtual(run) == ([], ["b"])


def test_too_many_failures_close_it_and_say_why(virtual, watch):
    names = [f"n{i}" for i in range(6)]

    async def run():
        group = watch(DisruptionBudget(unavailable=1, failures=1), members(*names))
        await group.all(*(group.machine(name, well=name in ("n0", "n3")) for name in names))
        return group.log, group.refused, group.gate.closed

    why = "failed after they were touched: 2 machines, where 1 may"
    assert virtual(run) == (["n0", "n1", "n2"], dict.fromkeys(["n3", "n4", "n5"], why), why)


def test_who_is_inside_when_it_closes_may_finish_and_even_come_on(virtual, watch, intent):
    async def run():
        group = watch(DisruptionBudget(failures=0), members("a", "b", "c"))

        async def late():
            group.gate.begin("b")
            async with group.gate.disturbance(intent("b")):
                await asyncio.sleep(100)
                await group.gate.power_on(intent("b"))
            group.gate.end("b", well=True)
            return group.gate.closed

        await group.all(group.machine("a"))
        closed, _ = await asyncio.gather(late(), group.all(group.machine("c", 10, well=False)))
        return closed

    assert virtual(run) == "failed after they were touched: 1 machines, where 0 may"


def test_a_place_that_can_never_come_free_is_refused_with_the_reason(virtual, watch):
    unwell = [Member("a"), Member("broken", healthy=False), Member("b")]

    async def run():
        group = watch(DisruptionBudget(percent=30), unwell)
        await group.all(group.machine("a"), group.machine("b"))
        return group.refused

    reason = "0 of 3 machines are disturbed, and 0 may be, with 1 unwell"
    assert virtual(run) == {"a": reason, "b": reason}


def test_a_machine_that_gets_well_makes_a_place(virtual, watch):
    some = [Member("broken", healthy=False), Member("a"), Member("b")]

    async def run():
        group = watch(DisruptionBudget(percent=30), some)
        await group.all(*(group.machine(each.name) for each in some))
        return group.log, group.refused, group.most

    assert virtual(run) == (["broken", "a", "b"], {}, 1)


def test_machines_that_serve_nobody_need_no_place_of_the_group(virtual, watch):
    off = members("a", "b", "c", "d", serving=False)

    async def run():
        group = watch(DisruptionBudget(unavailable=1), off)
        await group.all(*(group.machine(each.name) for each in off))
        return group.most, asyncio.get_running_loop().time()

    assert virtual(run) == (3, 120.0)


def test_groups_that_share_a_rack_share_its_bound(virtual, watch):
    floor = Floor()

    async def run():
        groups = [
            watch(DisruptionBudget(rack=1), members(*names, rack="r1"), floor, site=site)
            for names, site in ((("a", "b"), "fra1"), (("c", "d"), "fra1"), (("e",), "ams1"))
        ]
        inside: list[int] = []

        async def count():
            while True:
                inside.append(sum(len(group.inside) for group in groups[:2]))
                await asyncio.sleep(1)

        counting = asyncio.ensure_future(count())
        await asyncio.gather(
            groups[0].all(groups[0].machine("a"), groups[0].machine("b")),
            groups[1].all(groups[1].machine("c"), groups[1].machine("d")),
            groups[2].all(groups[2].machine("e")),
        )
        counting.cancel()
        return max(inside), floor.disturbed, asyncio.get_running_loop().time()

    assert virtual(run) == (1, 0, 240.0)


def test_the_ceiling_of_the_floor_holds_whatever_the_budgets_say(virtual, watch):
    names = [f"n{i}" for i in range(9)]

    async def run():
        group = watch(DisruptionBudget(), members(*names), Floor(ceiling=3))
        await group.all(*(group.machine(name) for name in names))
        return group.most

    assert virtual(run) == 3


def test_one_that_is_inside_is_let_in_again(virtual, watch, intent):
    async def run():
        group = watch(DisruptionBudget(unavailable=1), members("a"))
        async with group.gate.disturbance(intent("a")), group.gate.disturbance(intent("a")):
            inside = group.gate._floor.disturbed
        return inside, group.gate._floor.disturbed

    assert virtual(run) == (1, 0)


def test_a_stop_sends_away_all_who_wait_for_anything(virtual, watch, intent):
    watted = members("a", "b", "c", "d", watts=1000.0, serving=False)

    async def run():
        floor = Floor(flashes=Lane(1), uploads=Lane(1))
        group = watch(DisruptionBudget(watts_per_minute=1000), watted, floor)
        said = []

        async def flash(lane):
            try:
                async with lane(intent("a")):
                    await asyncio.sleep(50)
                async with lane(intent("b")):
                    pass
            except ClosedError as error:
                said.append(str(error))

        async def power():
            await group.gate.power_on(intent("c"))
            try:
                await group.gate.power_on(intent("d"))
            except ClosedError as error:
                said.append(str(error))

        async def waits_for_lane(lane):
            await asyncio.sleep(1)
            try:
                async with lane(intent("c")):
                    said.append("let in")
            except ClosedError as error:
                said.append(str(error))

        async def stop():
            await asyncio.sleep(10)
            group.gate.stop()

        await group.all(
            flash(group.gate.flash),
            flash(group.gate.upload),
            power(),
            stop(),
            waits_for_lane(group.gate.flash),
            waits_for_lane(group.gate.upload),
            group.machine("a", arrives=20),
            group.machine("b", arrives=20),
        )
        with pytest.raises(ClosedError):
            await group.gate.power_on(intent("a"))
        return said, group.refused, asyncio.get_running_loop().time()

    stopped = "the run was asked to stop"
    said, refused, seconds = virtual(run)
    assert said == [stopped] * 5
    assert refused == {"a": stopped, "b": stopped}
    assert seconds == 50.0  # what was inside a lane was let finish


def test_a_gate_that_is_closed_lets_nobody_in_later(virtual, watch):
    async def run():
        group = watch(DisruptionBudget(), members("a"))
        group.gate.stop()
        await group.all(group.machine("a"))
        return group.refused

    assert virtual(run) == {"a": "the run was asked to stop"}


def test_watts_come_on_at_most_so_many_in_any_minute(virtual, watch, intent):
    names = [f"n{i}" for i in range(10)]

    async def run():
        group = watch(DisruptionBudget(watts_per_minute=3000), members(*names, watts=1000.0))
        moments = []

        async def come_on(name):
            await group.gate.power_on(intent(name))
            moments.append(asyncio.get_running_loop().time())

        await asyncio.gather(*(come_on(name) for name in names))
        return moments

    assert virtual(run) == [0.0] * 3 + [60.0] * 3 + [120.0] * 3 + [180.0]


def test_groups_of_a_site_share_its_feed_and_a_lab_has_shorter_minutes(virtual, watch, intent):
    floor = Floor()

    async def run():
        one = watch(DisruptionBudget(watts_per_minute=1500), members("a", watts=1000.0), floor)
        other = watch(
            DisruptionBudget(watts_per_minute=1500), members("b", watts=1000.0), floor, pace=0.5
        )
        unbound = watch(DisruptionBudget(), members("c", watts=1000.0), floor)
        for group, name in ((one, "a"), (other, "b"), (unbound, "c")):
            await group.gate.power_on(intent(name))
        return asyncio.get_running_loop().time()

    assert virtual(run) == 60.0
    lab = Floor()

    async def in_a_lab():
        both = watch(
            DisruptionBudget(watts_per_minute=1000), members("a", "b", watts=1000.0), lab, pace=0.1
        )
        await both.gate.power_on(intent("a"))
        await both.gate.power_on(intent("b"))
        return asyncio.get_running_loop().time()

    assert virtual(in_a_lab) == 6.0


def test_more_than_a_minute_may_ever_take_comes_on_alone(virtual, watch, intent):
    async def run():
        group = watch(
            DisruptionBudget(watts_per_minute=1000),
            [Member("small", watts=400.0), Member("large", watts=5000.0), Member("tiny", watts=1)],
        )
        for name in ("small", "large", "tiny"):
            await group.gate.power_on(intent(name))
        return asyncio.get_running_loop().time()

    assert virtual(run) == 120.0


def test_no_more_flashes_and_uploads_than_the_image_server_bears(virtual, watch, intent):
    names = [f"n{i}" for i in range(40)]

    async def run():
        group = watch(DisruptionBudget(), members(*names))
        inside, most = Counter(), Counter()

        async def act(kind, name):
            async with getattr(group.gate, kind)(intent(name)):
                inside[kind] += 1
                most[kind] = max(most[kind], inside[kind])
                await asyncio.sleep(60)
                inside[kind] -= 1

        await asyncio.gather(*(act(kind, name) for kind in ("flash", "upload") for name in names))
        return dict(most)

    assert virtual(run) == {"flash": 16, "upload": 4}

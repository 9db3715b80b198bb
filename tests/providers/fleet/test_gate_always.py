"""Whatever comes when, stays how long and ends how: nobody more than may be, and no place lost."""

from __future__ import annotations

import asyncio
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from aifactory_iac.providers.fleet.budget import DisruptionBudget, Member
from aifactory_iac.providers.fleet.floor import Floor, Lane
from aifactory_iac.providers.fleet.gate import FleetGate
from aifactory_iac.providers.machine.provisioner import ClosedError

ACTIONS = st.lists(
    st.tuples(
        st.integers(0, 11),  # which machine
        st.floats(0, 100),  # when it comes
        st.floats(0.5, 300),  # how long it stays
        st.sampled_from(["well", "fails", "is cancelled", "never comes"]),
        st.floats(0, 200),  # when it is cancelled
    ),
    max_size=12,
    unique_by=lambda action: action[0],
)


@settings(max_examples=150, deadline=None)
@given(
    actions=ACTIONS,
    budget=st.builds(
        DisruptionBudget,
        unavailable=st.none() | st.integers(1, 4),
        percent=st.none() | st.integers(1, 100),
        rack=st.none() | st.integers(1, 3),
        breaker=st.none() | st.integers(1, 3),
    ),
    floor=st.builds(Floor, ceiling=st.integers(1, 12)),
    serving=st.lists(st.booleans(), min_size=12, max_size=12),
    healthy=st.lists(st.booleans(), min_size=12, max_size=12),
    stopped=st.none() | st.floats(0, 300),
)
def test_never_more_than_may_be_and_nobody_waits_for_ever(
    virtual, clock, intent, actions, budget, floor, serving, healthy, stopped
):
    """A deadlock would be an error of the virtual loop, and so would a place that is lost."""
    everybody = [
        Member(f"n{i:02}", f"r{i % 3}", f"b{i % 2}", 0, serving[i], healthy[i]) for i in range(12)
    ]

    async def run():
        crowd = Crowd(FleetGate(budget, everybody, floor, clock), budget, floor, intent)
        with crowd.gate:
            tasks = [
                asyncio.ensure_future(crowd.machine(everybody[number], arrives, stays, fate))
                for number, arrives, stays, fate, _cancelled in actions
            ]
            loop = asyncio.get_running_loop()
            for task, (_number, _arrives, _stays, fate, cancelled) in zip(
                tasks, actions, strict=True
            ):
                if fate == "is cancelled":
                    loop.call_later(cancelled, task.cancel)
            if stopped is not None:
                loop.call_later(stopped, crowd.gate.stop)
            ends = await asyncio.gather(*tasks, return_exceptions=True)
        assert not [end for end in ends if isinstance(end, Exception)]
        crowd.all_is_given_back()

    virtual(run)


class Crowd:
    """Machines at one gate, of which each looks around when it is let in."""

    def __init__(self, gate, budget, floor, intent):
        self.gate, self.budget, self.floor, self.intent = gate, budget, floor, intent
        self.inside: set[Member] = set()

    async def machine(self, member, arrives, stays, fate):
        self.gate.begin(member.name)
        well = None
        try:
            await asyncio.sleep(arrives)
            if fate != "never comes":
                await self.visit(member, stays)
                well = fate == "well"
        except ClosedError as error:
            assert str(error)
        finally:
            self.gate.end(member.name, well=well)

    async def visit(self, member, stays):
        async with self.gate.disturbance(self.intent(member.name)):
            self.inside.add(member)
            self.look()
            try:
                await asyncio.sleep(stays)
            finally:
                self.inside.remove(member)

    def look(self):
        unwell = self.gate._group.unhealthy
        serving = {each.name for each in self.inside if each.serving}
        places = self.budget.places(12, len(unwell))
        # An unhealthy machine is not held against itself, so it may be one more.
        assert places is None or len(serving) <= places + len(unwell & serving)
        for kind in ("rack", "breaker"):
            counts = Counter(getattr(each, kind) for each in self.inside)
            assert max(counts.values()) <= (getattr(self.budget, kind) or 12)
        assert len(self.inside) <= self.floor.ceiling

    def all_is_given_back(self):
        assert (self.floor.disturbed, self.inside, self.gate._inside) == (0, set(), {})
        assert (self.gate._line.names, self.gate._group.serving) == ((), 0)


@settings(max_examples=100, deadline=None)
@given(
    places=st.integers(1, 4),
    visits=st.lists(
        st.tuples(st.floats(0, 50), st.floats(1, 50), st.none() | st.floats(0, 80)), max_size=12
    ),
)
def test_a_lane_is_never_overfull_and_loses_no_place(virtual, places, visits):
    async def run():
        lane = Lane(places)

        async def visit(number, arrives, stays):
            await asyncio.sleep(arrives)
            await lane.line.wait(str(number))
            assert lane.taken <= places
            try:
                await asyncio.sleep(stays)
            finally:
                lane.leave()

        tasks = []
        for number, (arrives, stays, cancelled) in enumerate(visits):
            task = asyncio.ensure_future(visit(number, arrives, stays))
            tasks.append(task)
            if cancelled is not None:
                asyncio.get_running_loop().call_later(cancelled, task.cancel)
        ends = await asyncio.gather(*tasks, return_exceptions=True)
        assert not [end for end in ends if isinstance(end, AssertionError)]
        assert lane.taken == 0

    virtual(run)

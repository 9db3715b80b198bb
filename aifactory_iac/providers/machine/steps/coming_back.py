"""A machine that ran is not back in service before it runs again.

Whoever may be disturbed next is not before that: between a setting in force and an operating system
that has started lie minutes in which nobody can use the machine.
"""

from __future__ import annotations

from aifactory_iac.providers.machine.observation import Observation
from aifactory_iac.providers.machine.record import Record
from aifactory_iac.providers.machine.steps.step import Blocked, Decision, Wait, World

START_LIMIT = 1800.0
"""Seconds from the last reset to a running operating system; the self test is in it."""


def decide(seen: Observation, record: Record, world: World) -> Decision:
    """What is left to see of a machine on which nothing is left to do, and which ran before."""
    if seen.power == "Off" or seen.running != "no":
        return None
    reset = max((act.at for act in record.acts if act.resets), default=world.now)
    if world.over(reset, START_LIMIT):
        return Blocked("was disturbed, and its operating system has not started again")
    return Wait("its operating system starts")

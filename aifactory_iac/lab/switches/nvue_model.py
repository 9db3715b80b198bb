"""The revisions of one switch: made, edited, applied, confirmed or rolled back by themselves.

States and shapes as NVIDIA's "NVUE API" pages show them, and as two public clients use them for the
confirm step, which those pages leave out.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from aifactory_iac.lab.switches.device import Device, Surround, merged
from aifactory_iac.lab.switches.nvue_rules import apply_problems
from aifactory_iac.lab.switches.spec import SwitchSpec

APPLY_SECONDS = 3.0
"""How long a switch takes from being told to apply until it has."""
EDITABLE = ("pending", "invalid", "ays_fail")
_AT_WORK = ("apply", "confirm")


@dataclass
class Revision:
    """One revision. `due` is when its state changes by itself."""

    tree: dict[str, Any]
    state: str = "pending"
    progress: str = ""
    issue: dict[str, Any] = field(default_factory=dict)
    due: float = 0.0
    confirm: float | None = None
    lied: bool = False

    @property
    def shown(self) -> dict[str, Any]:
        """As the API shows it."""
        return {
            "state": self.state,
            "transition": {"issue": self.issue, "progress": self.progress},
        }


class NvueSwitch(Device):
    """One switch that runs Cumulus Linux."""

    def __init__(self, spec: SwitchSpec, around: Surround) -> None:
        super().__init__(spec, around)
        start = {
            "interface": {
                "eth0": {"ip": {"vrf": "mgmt"}, "type": "eth"},
            },
            "system": {"hostname": "cumulus" if spec.factory else spec.hostname},
        }
        tree = merged(start, spec.config)
        self.revisions: dict[str, Revision] = {"1": Revision(tree, "applied")}
        self.applied = "1"
        self.previous = "1"
        self.startup = deepcopy(tree)
        self.auto_save = False

    def settle(self) -> None:
        """Applies what is due, and rolls back what was not confirmed."""
        now = self.around.now()
        for name, revision in list(self.revisions.items()):
            if revision.state == "apply" and now >= revision.due and not self._others(name):
                self._judge(name, revision)
            if revision.state == "confirm" and now >= revision.due:
                self._roll_back(name, revision, "timer")

    def create(self) -> str:
        """A new revision of what is in force."""
        name = str(max(map(int, self.revisions)) + 1)
        self.revisions[name] = Revision(deepcopy(self.revisions[self.applied].tree))
        self.note("created", revision=name)
        return name

    def tree(self, revision: str) -> dict[str, Any] | None:
        """The configuration of a revision, by number or by name."""
        if revision == "startup":
            return self.startup
        if revision in ("applied", "operational"):
            return self.revisions[self.applied].tree
        found = self.revisions.get(revision)
        return found.tree if found else None

    def edit(self, name: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Puts values into a revision, and the type of every interface of a well-known name."""
        revision = self.revisions[name]
        revision.state, revision.issue = "pending", {}
        revision.tree = merged(revision.tree, body)
        for interface, settings in revision.tree.get("interface", {}).items():
            kind = "swp" if interface.startswith("swp") else None
            if kind and isinstance(settings, dict):
                settings.setdefault("type", kind)
        self.note("edited", revision=name)
        return dict(body)

    def tell(self, name: str, body: Mapping[str, Any]) -> None:
        """`apply`, `confirm_yes`, `confirm_no`, or `save` of what is applied."""
        state = body.get("state")
        if name == "applied":
            if state == "save":
                self._save()
            return
        revision = self.revisions[name]
        if state == "apply" and revision.state in EDITABLE:
            revision.state, revision.progress = "apply", ""
            revision.due = self.around.later(APPLY_SECONDS)
            seconds = body.get("state-controls", {}).get("confirm")
            revision.confirm = float(seconds) if seconds is not None else None
            self.note("apply-asked", revision=name, confirm=revision.confirm)
        elif state == "confirm_yes" and revision.state == "confirm":
            revision.state = "applied_and_saved" if self.auto_save else "applied"
            self.revisions[self.previous].state = "inactive"
            self.note("confirmed", revision=name)
            if self.auto_save:
                self._save()
        elif state == "confirm_no" and revision.state == "confirm":
            self._roll_back(name, revision, "request")

    def lie(self, name: str, body: Mapping[str, Any]) -> None:
        """Says that a revision is in force, and puts nothing in force."""
        revision = self.revisions[name]
        revision.state, revision.lied = "confirm", True
        revision.due = self.around.later(body.get("state-controls", {}).get("confirm", 600))
        self.previous = self.applied

    def _others(self, name: str) -> bool:
        """Whether another revision is at work, so that this one waits for its turn."""
        return any(
            revision.state in _AT_WORK and other != name and int(other) < int(name)
            for other, revision in self.revisions.items()
        )

    def _judge(self, name: str, revision: Revision) -> None:
        problems = list(apply_problems(revision.tree, self.spec.ports))
        if problems:
            revision.state, revision.progress = "invalid", "Invalid config"
            revision.issue = {
                str(number): {
                    "code": "config_invalid",
                    "data": {"location": location, "reason": reason},
                    "message": f"Config invalid at {location}: {reason}",
                    "severity": "error",
                }
                for number, (location, reason) in enumerate(problems)
            }
            self.note("invalid", revision=name)
            return
        self.previous, self.applied = self.applied, name
        self.note("applied", revision=name)
        if revision.confirm is None:
            revision.state = "applied"
            self.revisions[self.previous].state = "inactive"
        else:
            revision.state, revision.progress = "confirm", "Waiting for confirmation"
            revision.due += revision.confirm * self.around.pace
        if self._cut_off(revision.tree):
            self.isolated = True

    def _roll_back(self, name: str, revision: Revision, by: str) -> None:
        revision.state, revision.progress = "confirm_fail", "Rolled back"
        if not revision.lied:
            self.applied = self.previous
        self.isolated = False
        self.note("rolled-back", revision=name, by=by)

    def _save(self) -> None:
        self.startup = deepcopy(self.revisions[self.applied].tree)
        self.note("saved", revision=self.applied)

    @staticmethod
    def _cut_off(tree: Mapping[str, Any]) -> bool:
        """Whether a configuration takes the management port down."""
        link = tree.get("interface", {}).get("eth0", {}).get("link", {})
        return "down" in link.get("state", {})

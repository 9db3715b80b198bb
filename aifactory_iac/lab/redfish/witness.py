"""What the log of a fleet proves: judged from its records alone, by whoever holds them.

```python
log = Witness.read(Path("fleet.jsonl"))
log.resets("n0007")          # 1
log.complaints()             # [] when nothing happened that must never happen
```
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

Record = Mapping[str, Any]
_READS = ("GET", "HEAD", "OPTIONS")
_ACCESS = ("/redfish/v1/SessionService/Sessions",)


@dataclass(frozen=True, slots=True)
class Witness:
    """Records of a fleet's log, in the order of their numbers."""

    records: Sequence[Record]

    @classmethod
    def of(cls, records: Iterable[Record]) -> Self:
        """From a running fleet's `journal.records`."""
        return cls(tuple(sorted(records, key=lambda record: int(record["number"]))))

    @classmethod
    def read(cls, path: Path) -> Self:
        """From a log file. A last line that was cut off by a kill is left out."""
        records = []
        for line in path.read_text(encoding="utf-8").splitlines():
            try:
                records.append(json.loads(line))
            except ValueError:
                continue
        return cls.of(records)

    def since(self, number: int) -> Witness:
        """Only what began after that number."""
        return Witness(tuple(r for r in self.records if r["number"] > number))

    @property
    def last(self) -> int:
        """The highest number; 0 when there is nothing."""
        return max((int(record["number"]) for record in self.records), default=0)

    def requests(self, machine: str | None = None, method: str | None = None) -> list[Record]:
        """Requests, of one machine or method or of all."""
        return [
            record
            for record in self.records
            if record["kind"] == "request"
            and (machine is None or record["machine"] == machine)
            and (method is None or record["method"] == method)
        ]

    def writes(self, machine: str | None = None) -> list[Record]:
        """Requests that may change something; opening and closing sessions is not counted."""
        return [
            record
            for record in self.requests(machine)
            if record["method"] not in _READS and not record["path"].startswith(_ACCESS)
        ]

    def effects(self, what: str | None = None, machine: str | None = None) -> list[Record]:
        """Effects, of one kind or machine or of all."""
        return [
            record
            for record in self.records
            if record["kind"] == "effect"
            and (what is None or record["effect"] == what)
            and (machine is None or record["machine"] == machine)
        ]

    def resets(self, machine: str) -> int:
        """How often that machine was reset, in whatever way."""
        return len(self.effects("reset", machine))

    def reset_requests(self, machine: str) -> int:
        """How often that was asked for, done or not."""
        return sum(r["path"].endswith("/ComputerSystem.Reset") for r in self.writes(machine))

    def most_at_once(self, machine: str) -> int:
        """Most requests that were under way at one time at its controller."""
        return max((int(r["in_flight"]) for r in self.requests(machine)), default=0)

    def machines_down_at_once(self) -> int:
        """Most machines that were off or not up again at one time, of those that were up once."""
        down: set[str] = set()
        most = 0
        for record in self.effects():
            if record["effect"] == "reset" and record.get("reset") not in ("On", "ForceOn", "Nmi"):
                down.add(record["machine"])
            elif record["effect"] == "os-up":
                down.discard(record["machine"])
            most = max(most, len(down))
        return most

    def sessions_left_open(self) -> dict[str, int]:
        """By machine, sessions that somebody opened and nobody closed."""
        opened: dict[str, set[str]] = defaultdict(set)
        for record in self.effects():
            if record["effect"] == "session-opened":
                opened[record["machine"]].add(record["session"])
            elif record["effect"] in ("session-closed", "session-expired", "session-lost"):
                opened[record["machine"]].discard(record["session"])
        return {machine: len(left) for machine, left in opened.items() if left}

    def media_left(self) -> dict[str, dict[str, str]]:
        """By machine, images that are still in a slot."""
        inside: dict[str, dict[str, str]] = defaultdict(dict)
        for record in self.effects():
            if record["effect"] == "media-inserted":
                inside[record["machine"]][record["slot"]] = record["image"]
            elif record["effect"] == "media-ejected":
                inside[record["machine"]].pop(record["slot"], None)
        return {machine: slots for machine, slots in inside.items() if slots}

    def overrides_left(self) -> dict[str, str]:
        """By machine, a boot override that is still in force: `Continuous`, or an unused `Once`."""
        left: dict[str, str] = {}
        for record in self.effects("override"):
            left[record["machine"]] = record["enabled"]
        return {machine: enabled for machine, enabled in left.items() if enabled != "Disabled"}

    def erasures(self, machine: str | None = None) -> list[Record]:
        """Times that a disk was erased."""
        return self.effects("disk-erased", machine)

    def complaints(self, *, resets: int = 1, at_once: int = 4, erasures: int = 1) -> list[str]:
        """What must never happen and did, one sentence each, by machine; limits are for each."""
        return [
            *self._over("reset", self._per_machine("reset"), resets),
            *self._over("erased", self._per_machine("disk-erased"), erasures),
            *self._over("locked out", self._per_machine("lockout"), 0),
            *self._over("interrupted in a flash", self._per_machine("flash-interrupted"), 0),
            *self._over("asked to flash while flashing", self._per_machine("flash-refused"), 0),
            *self._concurrency(at_once),
            *self._left_behind(),
        ]

    def _per_machine(self, what: str) -> Counter[str]:
        return Counter(str(record["machine"]) for record in self.effects(what))

    @staticmethod
    def _over(what: str, counts: Counter[str], limit: int) -> list[str]:
        return [
            f"{machine} was {what} {count} times; {limit} allowed"
            for machine, count in sorted(counts.items())
            if count > limit
        ]

    def _concurrency(self, limit: int) -> list[str]:
        machines = sorted({str(record["machine"]) for record in self.requests()})
        return [
            f"{machine} had {most} requests at once; {limit} allowed"
            for machine in machines
            if (most := self.most_at_once(machine)) > limit
        ]

    def _left_behind(self) -> list[str]:
        return [
            *(
                f"{machine} has {count} sessions left open"
                for machine, count in sorted(self.sessions_left_open().items())
            ),
            *(
                f"{machine} has media left in {slot}: {image}"
                for machine, slots in sorted(self.media_left().items())
                for slot, image in sorted(slots.items())
            ),
            *(
                f"{machine} has a boot override left: {enabled}"
                for machine, enabled in sorted(self.overrides_left().items())
            ),
        ]

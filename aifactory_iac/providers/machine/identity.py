"""Which machine this is: read again in the same operation, before anything is written to it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Identity:
    """What tells one machine from every other; what is empty is not known.

    Spelt as BMCs do not: serial without blanks around it, UUID and MAC addresses in lower case.
    """

    serial: str = ""
    uuid: str = ""
    macs: tuple[str, ...] = ()

    @classmethod
    def of(cls, serial: str = "", uuid: str = "", macs: Sequence[str] = ()) -> Identity:
        """From the spellings that controllers, labels and inventories use."""
        cleaned = sorted({mac.strip().lower().replace("-", ":") for mac in macs if mac.strip()})
        return cls(serial.strip(), uuid.strip().lower(), tuple(cleaned))

    @property
    def known(self) -> bool:
        """Whether there is anything to hold a machine against."""
        return bool(self.serial or self.uuid or self.macs)

    def contradictions(self, seen: Identity) -> Iterator[str]:
        """What the machine that was seen is different in; nothing when it is the one."""
        if self.serial and self.serial != seen.serial:
            yield f"serial is {seen.serial or 'not given'}, not {self.serial}"
        if self.uuid and self.uuid != seen.uuid:
            yield f"UUID is {seen.uuid or 'not given'}, not {self.uuid}"
        strange = sorted(set(self.macs) - set(seen.macs))
        if strange and seen.macs:
            yield f"has no interface {', '.join(strange)}"

    def completed(self, seen: Identity) -> Identity:
        """This identity, with what was not known taken from the machine that was seen."""
        return Identity(self.serial or seen.serial, self.uuid or seen.uuid, self.macs or seen.macs)

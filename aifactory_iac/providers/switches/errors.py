"""What can go wrong with a switch; every text is for the user and holds no secret."""

from __future__ import annotations

from collections.abc import Sequence


class SwitchError(Exception):
    """A switch did not do what it was asked, or could not be asked."""


class UnreachableError(SwitchError):
    """Nobody answered, or not in time, and nothing was changed by it; asking again is safe."""


class UntrustedError(SwitchError):
    """Its certificate or host key is not the expected one. Never retried."""


class AccessRefusedError(SwitchError):
    """User and password were refused. Never retried: that could lock the account."""


class BusyError(SwitchError):
    """It asked to be left alone for longer than we wait."""


class LostAnswerError(SwitchError):
    """A write was sent and its answer never came: it may have been done, or may still be."""


class UnprovenError(SwitchError):
    """A write was done, or may have been, and what became of it could not be observed."""


class RefusedError(SwitchError):
    """The switch refused the configuration; `issues` are its own words."""

    def __init__(self, message: str, issues: Sequence[str] = ()) -> None:
        """Takes what was refused, and the switch's reasons."""
        super().__init__("; ".join([message, *issues]))
        self.issues = tuple(issues)


class RolledBackError(SwitchError):
    """The configuration was in force for a while and is not any more; nothing of it is left."""


class ForeignChangeError(SwitchError):
    """Somebody else's change is under way on the switch."""


class WrongSwitchError(SwitchError):
    """Another switch answers at the address than the one that is to be configured."""


class HaltedError(SwitchError):
    """A write was not begun, because writes are frozen or the run was cancelled."""

"""What a resource type may reach: passed in by the plug-in, replaced in tests."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

from aifactory_iac.providers.secrets import Credentials, SecretReader

Severity = Literal["debug", "info", "warning", "error"]


class Clock(Protocol):
    """Time, such that a test can make an hour pass at once."""

    def now(self) -> float:
        """Seconds since the epoch."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Lets so much time pass."""
        ...


class WallClock:
    """The time that everyone lives in."""

    def now(self) -> float:
        """Seconds since the epoch."""
        import time

        return time.time()

    async def sleep(self, seconds: float) -> None:
        """Sleeps without blocking the others."""
        await asyncio.sleep(seconds)


@dataclass(frozen=True, slots=True)
class Lab:
    """A lab that stands in for a plant (`aifactory lab up`): where its addresses really are.

    `endpoints` maps an address of the blueprint to a base URL or `host:port` on loopback;
    `credentials` maps `store:path` of a secret reference to the file that holds the lab's own;
    `ca` is the certificate authority that the lab's servers are signed by, and `known_hosts` holds
    the host keys of those that speak SSH.
    """

    endpoints: Mapping[str, str] = field(default_factory=dict)
    credentials: Mapping[str, str] = field(default_factory=dict)
    ca: str = ""
    known_hosts: str = ""

    @classmethod
    def read(cls, path: Path) -> Lab:
        """Reads `lab.json`. Raises `OSError` or `ValueError`."""
        document: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return cls(
            endpoints=document.get("endpoints", {}),
            credentials=document.get("credentials", {}),
            ca=document.get("ca", ""),
            known_hosts=document.get("known_hosts", ""),
        )


@dataclass(frozen=True, slots=True)
class Settings:
    """Configuration of the provider, the same for all of its resources.

    `state_dir` keeps the journal of what was about to be done; `freeze` is a file that, while it
    exists, forbids every write; `site_ca` is a file with the site's certificate authority;
    `pace` shortens every wait by this factor, for a lab whose machines boot in no time.
    """

    state_dir: Path
    freeze: Path | None = None
    site_ca: Path | None = None
    parallel: int = 64
    pace: float = 1.0
    lab: Lab | None = None


@dataclass(frozen=True)
class Surroundings:
    """Everything outside of a resource's own values.

    `log` shows a line to the user, under the resource it is about; `cancelled` is set once the
    engine asks to stop: no further write is begun then, and what was begun is read back.
    """

    settings: Settings
    secrets: SecretReader
    clock: Clock = field(default_factory=WallClock)
    cancelled: asyncio.Event = field(default_factory=asyncio.Event)
    log: Callable[[Severity, str], None] = lambda _severity, _text: None

    def endpoint(self, address: str) -> str | None:
        """Where an address of the blueprint really is, when a lab stands in for the plant."""
        return self.settings.lab.endpoints.get(address) if self.settings.lab else None

    def credentials(self, reference: Mapping[str, str]) -> Credentials:
        """User and password that a secret reference leads to. Raises `SecretError`."""
        return self.secrets.credentials(reference)

    @property
    def frozen(self) -> bool:
        """Whether the freeze file forbids writes just now; looked at before every write."""
        return self.settings.freeze is not None and self.settings.freeze.exists()


def default_state_dir(environment: Mapping[str, str] = os.environ) -> Path:
    """`$AIFACTORY_STATE_DIR`, else the user's XDG state folder."""
    own = environment.get("AIFACTORY_STATE_DIR")
    if own:
        return Path(own)
    home = environment.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    return Path(home) / "aifactory"

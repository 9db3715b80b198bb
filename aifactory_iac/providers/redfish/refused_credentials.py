"""Secrets that a BMC has refused, so that no run asks with them again.

A few wrong passwords lock an account (openbmc #3650), and a fleet that retries locks them all. What
is kept is no secret: a keyed digest, whose key never leaves this machine.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from aifactory_iac.providers.secrets import Credentials


@dataclass(frozen=True, slots=True)
class RefusedCredentials:
    """A folder of digests, one file a BMC."""

    folder: Path

    def remember(self, address: str, credentials: Credentials) -> None:
        """Notes that the BMC at this address answered 401 to them."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        known = self._known(address) | {self._digest(address, credentials)}
        place = self._place(address)
        beside = place.with_suffix(f".{os.getpid()}")
        beside.write_text(json.dumps(sorted(known)), encoding="utf-8")
        beside.replace(place)

    def refused(self, address: str, credentials: Credentials) -> bool:
        """Whether they were refused before, and would be again."""
        known = self._known(address)
        return bool(known) and self._digest(address, credentials) in known

    def forget(self, address: str) -> None:
        """After the password was set on the BMC itself, what was wrong may be right."""
        self._place(address).unlink(missing_ok=True)

    def _known(self, address: str) -> set[str]:
        try:
            return set(json.loads(self._place(address).read_text(encoding="utf-8")))
        except (OSError, ValueError):
            return set()

    def _place(self, address: str) -> Path:
        return self.folder / f"{hashlib.sha256(address.encode()).hexdigest()[:24]}.json"

    def _digest(self, address: str, credentials: Credentials) -> str:
        text = f"{address}\0{credentials.username}\0{credentials.password}"
        return hmac.new(self._key(), text.encode(), hashlib.sha256).hexdigest()

    def _key(self) -> bytes:
        place = self.folder / "key"
        try:
            return place.read_bytes()
        except FileNotFoundError:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            beside = self.folder / f"key.{secrets.token_hex(8)}"
            beside.touch(mode=0o600)
            beside.write_bytes(secrets.token_bytes(32))
            try:
                os.link(beside, place)
            except FileExistsError:
                pass
            finally:
                beside.unlink()
            return place.read_bytes()

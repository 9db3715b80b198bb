"""Secrets that a BMC has refused, or was given by us: known again without being kept.

A few wrong passwords lock an account (openbmc #3650), and a fleet that retries locks them all: what
a BMC refused is not tried again until the secret changes. And a password cannot be read back, so
that which was set is recognised here. What is kept is no secret: a keyed digest, whose key never
leaves this machine.
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
class CredentialMarks:
    """A folder of digests, one file a BMC, in it a list for each user."""

    folder: Path

    def mark(self, address: str, credentials: Credentials, *, alone: bool = False) -> None:
        """Marks them; `alone` forgets every other password of the user."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        known = self._known(address)
        user, digest = credentials.username, self._digest(address, credentials)
        before = [] if alone else known.get(user, [])
        known[user] = sorted({*before, digest})
        place = self._place(address)
        beside = place.with_suffix(f".{os.getpid()}")
        beside.write_text(json.dumps(known, sort_keys=True), encoding="utf-8")
        beside.replace(place)

    def marked(self, address: str, credentials: Credentials) -> bool:
        """Whether they bear a mark."""
        known = self._known(address).get(credentials.username, [])
        return bool(known) and self._digest(address, credentials) in known

    def clear(self, address: str) -> None:
        """Forgets every mark of a BMC."""
        self._place(address).unlink(missing_ok=True)

    def _known(self, address: str) -> dict[str, list[str]]:
        try:
            found = json.loads(self._place(address).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

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

"""Opens the secrets of a Pulumi checkpoint with its passphrase, in memory only.

Scheme of the `passphrase` provider (`sdk/go/common/resource/config/crypt.go` and
`pkg/secrets/passphrase`): AES-256-GCM; key = PBKDF2-SHA256 over the passphrase with the 8-byte salt
of the state, 1,000,000 rounds; a ciphertext is `v1:<nonce>:<data>` in base64; the salt comes as
`v1:<salt>:<ciphertext of the word pulumi>`, so that a wrong passphrase is told apart at once.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aifactory_iac.deploy.rules import found
from aifactory_iac.findings import Finding

ROUNDS = 1_000_000
KEY_BYTES = 32
_CHECK = "pulumi"


class Vault:
    """Opens ciphertexts of one checkpoint; the key is derived when the first one comes.

    `open` gives the plain JSON text or None, and never raises; `findings` says afterwards why
    something stayed closed.
    """

    def __init__(self, provider: Mapping[str, Any] | None, passphrase: str | None) -> None:
        """`provider` is the `secrets_providers` object of the checkpoint."""
        self._provider = provider
        self._passphrase = passphrase
        self._key: bytes | None = None
        self._tried = False
        self._reason: str | None = None

    def open(self, ciphertext: str) -> str | None:
        """The plaintext, a JSON text; None when it cannot be opened."""
        if not self._tried:
            self._tried = True
            self._key = self._derive()
        if self._key is None:
            return None
        plaintext = decrypt(self._key, ciphertext)
        if plaintext is None and self._reason is None:
            self._reason = "a ciphertext is damaged"
        return plaintext

    @property
    def findings(self) -> tuple[Finding, ...]:
        """One finding when a secret stayed closed, with the reason and the way out."""
        if self._reason is None:
            return ()
        return (
            found(
                "AIF-PLN-014",
                f"Secrets of the last state are not compared: {self._reason}.",
                hint="set `PULUMI_CONFIG_PASSPHRASE` or `PULUMI_CONFIG_PASSPHRASE_FILE`",
            ),
        )

    def _derive(self) -> bytes | None:
        provider = self._provider or {}
        kind = provider.get("type")
        if kind != "passphrase":
            self._reason = f"its secrets provider is {kind or 'not named'}, not a passphrase"
            return None
        if self._passphrase is None:
            self._reason = "no passphrase is given"
            return None
        state = provider.get("state")
        salt_text = state.get("salt") if isinstance(state, Mapping) else None
        version, _, rest = str(salt_text or "").partition(":")
        salt, _, check = rest.partition(":")
        if version != "v1" or not check:
            self._reason = "its salt is not of a known form"
            return None
        key = derive(self._passphrase, salt)
        if key is None or decrypt(key, check) != _CHECK:
            self._reason = "the passphrase is not the right one"
            return None
        return key


def derive(passphrase: str, salt: str) -> bytes | None:
    """The key for a passphrase and a salt in base64; about a quarter of a second by design."""
    try:
        raw = base64.b64decode(salt, validate=True)
    except (binascii.Error, ValueError):
        return None
    return hashlib.pbkdf2_hmac("sha256", passphrase.encode(), raw, ROUNDS, KEY_BYTES)


def decrypt(key: bytes, ciphertext: str) -> str | None:
    """The text of a `v1:<nonce>:<data>` ciphertext; None when the key or the form is wrong."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    version, _, rest = ciphertext.partition(":")
    nonce, _, data = rest.partition(":")
    if version != "v1":
        return None
    try:
        raw = AESGCM(key).decrypt(
            base64.b64decode(nonce, validate=True), base64.b64decode(data, validate=True), None
        )
        return raw.decode()
    except (InvalidTag, binascii.Error, ValueError):
        return None


def ambient_passphrase(environment: Mapping[str, str]) -> str | None:
    """The passphrase as the Pulumi CLI would find it; an empty one is valid, a missing one None."""
    if "PULUMI_CONFIG_PASSPHRASE" in environment:
        return environment["PULUMI_CONFIG_PASSPHRASE"]
    if file := environment.get("PULUMI_CONFIG_PASSPHRASE_FILE"):
        try:
            return Path(file).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            return None
    return None

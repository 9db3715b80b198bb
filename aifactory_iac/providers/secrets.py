"""Secrets are read where they are kept, when they are used, and kept nowhere else."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

Store = Callable[[str], str]
"""Path in one store → the secret's text. Raises `SecretError`."""


class SecretError(Exception):
    """A secret could not be had; the text names the reference, never the secret."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """User and password; neither is ever printed."""

    username: str = field(repr=False)
    password: str = field(repr=False)

    @classmethod
    def parse(cls, text: str, name: str) -> Credentials:
        """From `{"username": ..., "password": ...}` or `user:password`.

        Raises:
            SecretError: It is neither; the text says so without the secret.
        """
        stripped = text.strip()
        if stripped.startswith("{"):
            try:
                document = json.loads(stripped)
                return cls(str(document["username"]), str(document["password"]))
            except (ValueError, KeyError, TypeError):
                raise SecretError(
                    f"secret {name} is no JSON object with `username` and `password`"
                ) from None
        username, colon, password = stripped.partition(":")
        if not colon or not username or not password:
            raise SecretError(
                f"secret {name} is neither `user:password` nor JSON with `username` and `password`"
            )
        return cls(username, password)


@dataclass(frozen=True)
class SecretReader:
    """Reads a reference such as `{"store": "env", "path": "BMC"}` from its store."""

    stores: Mapping[str, Store]
    instead: Mapping[str, str] = field(default_factory=dict)
    """Files that stand in for a reference, by `store:path`: those of a lab."""

    def text(self, reference: Mapping[str, str]) -> str:
        """The secret's text. Raises `SecretError`."""
        name = f"{reference['store']}:{reference['path']}"
        if name in self.instead:
            return _from_file(self.instead[name])
        store = self.stores.get(reference["store"])
        if store is None:
            known = ", ".join(sorted(self.stores))
            raise SecretError(f"secret {name}: there is no store of that kind; known are {known}")
        return store(reference["path"])

    def credentials(self, reference: Mapping[str, str]) -> Credentials:
        """The secret as user and password. Raises `SecretError`."""
        return Credentials.parse(self.text(reference), f"{reference['store']}:{reference['path']}")


def standard_stores(config: Mapping[str, str] | None = None) -> dict[str, Store]:
    """The stores that every machine has; `config` is what `pulumi-config` holds, by path."""
    return {
        "env": _from_environment,
        "file": _from_file,
        "pulumi-config": lambda path: _from_config(path, config or {}),
        "aws-secrets-manager": _from_aws,
        "vault": _from_vault,
    }


def _from_environment(path: str) -> str:
    value = os.environ.get(path)
    if not value:
        raise SecretError(f"secret env:{path}: the environment variable is not set")
    return value


def _from_file(path: str) -> str:
    place = Path(path).expanduser()
    try:
        text = place.read_text(encoding="utf-8")
    except OSError as error:
        raise SecretError(f"secret file:{path}: {error.strerror or 'cannot be read'}") from None
    except UnicodeDecodeError:
        raise SecretError(
            f"secret file:{path}: is not text; an encrypted file is to be decrypted first"
        ) from None
    if text.startswith("age-encryption.org/") or "BEGIN AGE ENCRYPTED FILE" in text[:64]:
        return _decrypted(place)
    return text


def _decrypted(place: Path) -> str:
    """Runs `age`, with the identity file that `AIFACTORY_AGE_IDENTITY` names."""
    import shutil
    import subprocess

    program, identity = shutil.which("age"), os.environ.get("AIFACTORY_AGE_IDENTITY")
    if program is None or not identity:
        raise SecretError(
            f"secret file:{place}: is encrypted with age; that takes the `age` program and "
            "AIFACTORY_AGE_IDENTITY=<identity file>"
        )
    done = subprocess.run(  # noqa: S603 - a fixed program; the paths are the operator's own
        [program, "--decrypt", "--identity", identity, str(place)],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    if done.returncode:
        raise SecretError(f"secret file:{place}: age could not decrypt it with that identity")
    return done.stdout


def _from_config(path: str, config: Mapping[str, str]) -> str:
    value = config.get(path)
    if not value:
        raise SecretError(
            f"secret pulumi-config:{path}: is not set; it is with `pulumi config set --secret "
            f"--path 'aifactory:secrets[\"{path}\"]'`"
        )
    return value


def _from_aws(path: str) -> str:
    try:
        import boto3
        from botocore.exceptions import BotoCoreError, ClientError
    except ImportError:
        raise SecretError(
            f"secret aws-secrets-manager:{path}: needs boto3 (pip install boto3)"
        ) from None
    try:
        answer = boto3.client("secretsmanager").get_secret_value(SecretId=path)
    except (BotoCoreError, ClientError) as error:
        raise SecretError(f"secret aws-secrets-manager:{path}: {type(error).__name__}") from None
    return str(answer["SecretString"])


def _from_vault(path: str) -> str:
    """A KV version 2 secret through `VAULT_ADDR` and `VAULT_TOKEN`; its data as JSON."""
    import urllib.error
    import urllib.request

    address, token = os.environ.get("VAULT_ADDR"), os.environ.get("VAULT_TOKEN")
    if not address or not token:
        raise SecretError(f"secret vault:{path}: VAULT_ADDR and VAULT_TOKEN are not set")
    if not address.startswith(("https://", "http://127.0.0.1", "http://localhost")):
        raise SecretError(f"secret vault:{path}: VAULT_ADDR is not https")
    mount, _, rest = path.partition("/")
    url = f"{address.rstrip('/')}/v1/{mount}/data/{rest}"
    request = urllib.request.Request(url, headers={"X-Vault-Token": token})  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            return json.dumps(json.load(answer)["data"]["data"])
    except (urllib.error.URLError, ValueError, KeyError, OSError) as error:
        raise SecretError(f"secret vault:{path}: {type(error).__name__}") from None

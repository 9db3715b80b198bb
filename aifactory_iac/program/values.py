"""Where deferred values come from: adapters that `run` is given.

A blueprint never holds a secret and may defer plain text to the environment. A plan knows neither,
so that the same blueprint gives the same plan on every machine (`Unresolved`); an engine run looks
them up when it applies (`Ambient`).
"""

from __future__ import annotations

import json
import os
import pathlib
import urllib.request
from collections.abc import Callable, Mapping
from typing import Any, Protocol

import pulumi
from pulumi.output import UNKNOWN

VAULT_SECONDS = 30


class RuntimeValues(Protocol):
    """Gives the values that stand neither in a blueprint nor in a catalog."""

    def environment(self, variable: str) -> pulumi.Input[str]:
        """The value of an environment variable."""

    def secret(self, store: str, path: str) -> pulumi.Input[str]:
        """A secret by the kind of its store and its path there; always a secret output."""


def unknown() -> pulumi.Output[Any]:
    """An output that is known only after apply."""

    async def value() -> Any:
        return UNKNOWN

    async def known() -> bool:
        return False

    return pulumi.Output(set(), value(), known())


class Unresolved:
    """For plans: deferred values are unknown, whatever the machine has in its environment.

    `known` are variables whose values a plan has from elsewhere, such as the last state.
    """

    def __init__(self, known: Mapping[str, str] | None = None) -> None:
        self._known = known or {}

    def environment(self, variable: str) -> pulumi.Input[str]:
        """The value, if a plan has it."""
        return self._known[variable] if variable in self._known else unknown()

    def secret(self, store: str, path: str) -> pulumi.Input[str]:  # noqa: ARG002
        """Unknown and secret."""
        return pulumi.Output.secret(unknown())


class Ambient:
    """For engine runs: the environment, files, Pulumi config, AWS Secrets Manager and Vault.

    A variable that is not set is unknown in a preview and stops an update with a message that names
    it. `lookups` adds stores or replaces them: from store name to a function from path to value.
    """

    def __init__(
        self,
        environment: Mapping[str, str] = os.environ,
        lookups: Mapping[str, Callable[[str], pulumi.Input[str]]] | None = None,
    ) -> None:
        self._environment = environment
        self._lookups: dict[str, Callable[[str], pulumi.Input[str]]] = {
            "env": self.environment,
            "file": _from_file,
            "pulumi-config": _from_config,
            "aws-secrets-manager": _from_secrets_manager,
            "vault": self._from_vault,
            **(lookups or {}),
        }

    def environment(self, variable: str) -> pulumi.Input[str]:
        """The variable's value; raises `pulumi.RunError` when an update needs one that is unset."""
        found = self._environment.get(variable)
        if found is not None:
            return found
        if pulumi.runtime.is_dry_run():
            return unknown()
        raise pulumi.RunError(f"environment variable {variable} is not set; the blueprint needs it")

    def secret(self, store: str, path: str) -> pulumi.Input[str]:
        """The secret; raises `pulumi.RunError` for a store that has no lookup here."""
        lookup = self._lookups.get(store)
        if lookup is None:
            known = ", ".join(sorted(self._lookups))
            raise pulumi.RunError(f"no lookup for secrets in `{store}`; there are: {known}")
        return pulumi.Output.secret(lookup(path))

    def _from_vault(self, path: str) -> pulumi.Input[str]:
        """`mount/data/name#field` of a Vault KV store, with `VAULT_ADDR` and `VAULT_TOKEN`."""
        where, _, name = path.partition("#")
        address, token = (self._environment.get(f"VAULT_{key}") for key in ("ADDR", "TOKEN"))
        if address is None or token is None:
            if pulumi.runtime.is_dry_run():
                return unknown()
            raise pulumi.RunError(f"VAULT_ADDR and VAULT_TOKEN are not set; {where} needs them")
        return _from_vault(f"{address.rstrip('/')}/v1/{where.strip('/')}", token, name or "value")


def _from_vault(url: str, token: str, name: str) -> str:
    """One field of a secret, of either version of the KV store; no error holds the token."""
    if not url.startswith(("https://", "http://127.0.0.1:", "http://localhost:")):
        raise pulumi.RunError(f"{url}: Vault is asked over TLS only")
    request = urllib.request.Request(url, headers={"X-Vault-Token": token})  # noqa: S310 - see above
    try:
        with urllib.request.urlopen(request, timeout=VAULT_SECONDS) as answer:  # noqa: S310
            data = json.load(answer)["data"]
        fields = data["data"] if isinstance(data.get("data"), dict) else data
        return str(fields[name])
    except (OSError, ValueError, KeyError, AttributeError) as error:
        raise pulumi.RunError(f"{url} gave no field `{name}`: {type(error).__name__}") from None


def _from_file(path: str) -> pulumi.Input[str]:
    file = pathlib.Path(path)
    if file.is_file():
        return file.read_text(encoding="utf-8").rstrip("\n")
    if pulumi.runtime.is_dry_run():
        return unknown()
    raise pulumi.RunError(f"secret file {path} does not exist; the blueprint needs it")


def _from_config(key: str) -> pulumi.Input[str]:
    found = pulumi.Config().get_secret(key)
    if found is not None:
        return found
    if pulumi.runtime.is_dry_run():
        return unknown()
    raise pulumi.RunError(f"config secret {key} is not set; run `pulumi config set --secret {key}`")


def _from_secrets_manager(arn: str) -> pulumi.Input[str]:
    import pulumi_aws

    found: pulumi.Output[str] = pulumi_aws.secretsmanager.get_secret_version_output(
        secret_id=arn
    ).secret_string
    return found

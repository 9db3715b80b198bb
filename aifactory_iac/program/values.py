"""Where deferred values come from: adapters that `run` is given.

A blueprint never holds a secret and may defer plain text to the environment. A plan knows neither,
so that the same blueprint gives the same plan on every machine (`Unresolved`); an engine run looks
them up when it applies (`Ambient`).
"""

from __future__ import annotations

import os
import pathlib
from collections.abc import Callable, Mapping
from typing import Any, Protocol

import pulumi
from pulumi.output import UNKNOWN


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
    """For plans: every deferred value is unknown, whatever the machine has in its environment."""

    def environment(self, variable: str) -> pulumi.Input[str]:  # noqa: ARG002 - the protocol's own
        """Unknown."""
        return unknown()

    def secret(self, store: str, path: str) -> pulumi.Input[str]:  # noqa: ARG002
        """Unknown and secret."""
        return pulumi.Output.secret(unknown())


class Ambient:
    """For engine runs: reads the environment, files, Pulumi config and AWS Secrets Manager.

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

"""Arguments of a construction as Python source: plain data as literals, deferred values as code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aifactory_iac.program.unit import FromEnvironment, FromSecret, Ref, Take

INLINE = 48
"""Most plain values of one argument that are readable inside a program; more go to a table."""

WIRING = ("config_secret", "environment", "secret_file", "table")
"""Functions of the project's own `wiring` that rendered code may call, beside `Upstream`."""

_DEFERRED = (Take, Ref, FromEnvironment, FromSecret)


@dataclass(slots=True)
class Source:
    """Renders arguments of one unit, and gathers what the module has to import or declare."""

    components: Mapping[str, str]
    """Variables of components, by name of the call."""
    upstream: Mapping[str, str]
    """Variables of upstream stacks, by name of the unit."""
    table: str
    """Name of the unit's table."""
    tables: dict[str, dict[str, Any]] = field(default_factory=dict)
    """What went to the table: by name of the call, then by argument."""
    uses: set[str] = field(default_factory=set)
    """What the rendered code needs: `pulumi`, `pulumi_aws`, and names of `WIRING`."""

    def arguments(self, owner: str, args: Mapping[str, Any]) -> list[tuple[str, str]]:
        """Name and source of every argument; big plain data moves to the table."""
        rendered = []
        for name, value in args.items():
            if plain(value) and leaves(value) > INLINE:
                self.uses.add("table")
                self.tables.setdefault(owner, {})[name] = jsonable(value)
                rendered.append((name, f"table({self.table!r}, {owner!r}, {name!r})"))
            else:
                rendered.append((name, self.value(value)))
        return rendered

    def value(self, value: Any) -> str:
        """One value as an expression."""
        match value:
            case Take():
                giver, _, output = value.port.rpartition(".")
                return f"{self.upstream[giver]}.output({output!r})"
            case Ref():
                return f"{self.components[value.component]}.{value.output}"
            case FromEnvironment():
                self.uses.add("environment")
                return f"environment({value.variable!r})"
            case FromSecret():
                return self._secret(value)
            case Mapping():
                items = ", ".join(f"{key!r}: {self.value(item)}" for key, item in value.items())
                return f"{{{items}}}"
            case tuple() | list():
                return f"[{', '.join(self.value(item) for item in value)}]"
        return repr(value)

    def _secret(self, secret: FromSecret) -> str:
        """Code that reads a secret; stores without a reader of their own become config secrets."""
        match secret.store:
            case "env":
                self.uses |= {"environment", "pulumi"}
                return f"pulumi.Output.secret(environment({secret.path!r}))"
            case "file":
                self.uses.add("secret_file")
                return f"secret_file({secret.path!r})"
            case "aws-secrets-manager":
                self.uses |= {"pulumi", "pulumi_aws"}
                call = "pulumi_aws.secretsmanager.get_secret_version_output"
                return f"pulumi.Output.secret({call}(secret_id={secret.path!r}).secret_string)"
        self.uses.add("config_secret")
        return f"config_secret({secret.path!r})"


def plain(value: Any) -> bool:
    """Whether nothing in the value waits for another unit, component, environment or secret."""
    if isinstance(value, Mapping):
        return all(plain(item) for item in value.values())
    if isinstance(value, tuple | list):
        return all(plain(item) for item in value)
    return not isinstance(value, _DEFERRED)


def leaves(value: Any) -> int:
    """Plain values at the ends of a tree."""
    if isinstance(value, Mapping):
        return sum(leaves(item) for item in value.values())
    if isinstance(value, tuple | list):
        return sum(leaves(item) for item in value)
    return 1


def jsonable(value: Any) -> Any:
    """The same data with the containers that JSON knows."""
    if isinstance(value, Mapping):
        return {key: jsonable(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [jsonable(item) for item in value]
    return value

"""What the switches are to be: read from JSON, complained about all at once, never changed."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic import ConfigDict, TypeAdapter, ValidationError

_CLOSED = ConfigDict(extra="forbid", use_attribute_docstrings=True, strict=True)

System = Literal["nvue", "sonic", "mlnx-os"]


class SpecError(Exception):
    """A specification that no switches can be made of; one problem a line, each with its path."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class Tls:
    """Certificate and key that everything over HTTPS answers with, as PEM files."""

    __pydantic_config__: ClassVar[ConfigDict] = _CLOSED

    cert: str
    """Certificate chain, leaf first; good for 127.0.0.1 and localhost."""
    key: str
    """Private key without a passphrase."""


@dataclass(frozen=True, slots=True)
class Login:
    """User and password of the account that everything has."""

    __pydantic_config__: ClassVar[ConfigDict] = _CLOSED

    username: str
    """User name, compared with case."""
    password: str = field(repr=False)
    """Password; never logged, never read back."""


@dataclass(frozen=True, slots=True)
class SwitchSpec:
    """One switch."""

    __pydantic_config__: ClassVar[ConfigDict] = _CLOSED

    hostname: str
    """Name of the switch in the blueprint; names it in the log and in faults."""
    os: System
    """What it runs, and so what it speaks."""
    address: str = ""
    """Address in the blueprint; the key of `endpoints`. Its host name when left out."""
    serial: str = ""
    """Serial number of the chassis; made of the host name when left out."""
    model: str = ""
    """Switch id of the catalog."""
    ports: int = 64
    """Front ports, or cages: `swp1`, `Ethernet0` or `1/1` and on."""
    per_cage: int = 1
    """Ports of one cage that MLNX-OS names for themselves, as on Quantum-2: `1/1/1` and `1/1/2`."""
    factory: bool = False
    """Whether it still has the name that it left the factory with."""
    config: Mapping[str, Any] = field(default_factory=dict)
    """Configuration that it starts with, over what every switch has; in its own spelling."""

    @property
    def key(self) -> str:
        """Key of its endpoint."""
        return self.address or self.hostname


@dataclass(frozen=True, slots=True)
class UfmSpec:
    """One UFM, the manager of InfiniBand networks."""

    __pydantic_config__: ClassVar[ConfigDict] = _CLOSED

    address: str
    """Address in the blueprint; the key of `endpoints`, and its name in the log and in faults."""
    pkeys: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Partitions that it starts with: membership by port GUID, by P_Key."""


@dataclass(frozen=True, slots=True)
class FleetSpec:
    """All switches of a lab, and what they share."""

    __pydantic_config__: ClassVar[ConfigDict] = _CLOSED

    credentials: Login | str
    """The account, or a file that holds it as JSON or as `user:password`."""
    switches: tuple[SwitchSpec, ...] = ()
    """Switches; host names and addresses are unique."""
    ufms: tuple[UfmSpec, ...] = ()
    """Managers of InfiniBand networks."""
    schemaVersion: Literal[1] = 1  # noqa: N815 - spelt as in the file
    """Version of this format."""
    tls: Tls | None = None
    """Needed as soon as anything speaks HTTPS."""
    known_hosts: str | None = None
    """File that the host keys of those that speak SSH are written to, in OpenSSH's format."""
    log: str | None = None
    """File that the witness log is appended to, one JSON value a line."""
    faults: str | None = None
    """Fault file; read at the start and again whenever it changes."""
    pace: float = 1.0
    """Factor on every duration: 1 is real time, 0.01 a hundred times as fast."""

    @property
    def login(self) -> Login:
        """The account, read from its file when it is kept in one.

        Raises:
            SpecError: The file cannot be read, or holds no account.
        """
        return self.credentials if isinstance(self.credentials, Login) else _login(self.credentials)


_ADAPTER: TypeAdapter[FleetSpec] = TypeAdapter(FleetSpec)


def parse(document: Any) -> FleetSpec:
    """A fleet from a JSON value.

    Raises:
        SpecError: Everything that is wrong with it, by path.
    """
    try:
        spec = _ADAPTER.validate_json(json.dumps(document))
    except ValidationError as error:
        raise SpecError(
            [f"{_path(e['loc'])}: {e['msg'][:1].lower()}{e['msg'][1:]}" for e in error.errors()]
        ) from None
    problems = [
        *_repeated("hostname", [each.hostname for each in spec.switches]),
        *_repeated("address", [*(e.key for e in spec.switches), *(e.address for e in spec.ufms)]),
    ]
    if spec.pace < 0:
        problems.append(f"pace: {spec.pace} is negative; 0 is at once, 1 is real time")
    if spec.tls is None and (spec.ufms or any(each.os == "nvue" for each in spec.switches)):
        problems.append("tls: a switch with NVUE, or a UFM, needs a certificate and its key")
    if problems:
        raise SpecError(problems)
    return spec


def read(path: Path) -> FleetSpec:
    """A fleet from a JSON file. Raises `SpecError`."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SpecError([f"{path}: {error.strerror or 'cannot be read'}"]) from None
    except ValueError as error:
        raise SpecError([f"{path}: is not JSON ({error})"]) from None
    return parse(document)


def dump(spec: FleetSpec) -> str:
    """The JSON text that `parse` makes the same fleet of."""
    return _ADAPTER.dump_json(spec, indent=1).decode()


def schema() -> dict[str, Any]:
    """JSON Schema of the file."""
    return _ADAPTER.json_schema()


def _path(location: Sequence[str | int]) -> str:
    return ".".join(str(step) for step in location) or "(document)"


def _repeated(key: str, values: Sequence[str]) -> list[str]:
    return [
        f"{key} `{value}` is given {count} times; it must be unique"
        for value, count in sorted(Counter(values).items())
        if count > 1
    ]


def _login(name: str) -> Login:
    try:
        text = Path(name).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise SpecError([f"credentials: {name}: {error.strerror or 'cannot be read'}"]) from None
    if text.startswith("{"):
        try:
            document = json.loads(text)
            return Login(str(document["username"]), str(document["password"]))
        except (ValueError, KeyError, TypeError):
            raise SpecError(
                [f"credentials: {name}: is no JSON object with `username` and `password`"]
            ) from None
    username, colon, password = text.partition(":")
    if not (colon and username and password):
        raise SpecError([f"credentials: {name}: is neither `user:password` nor JSON"])
    return Login(username, password)

"""What a fleet is to be: read from JSON, complained about all at once, never changed afterwards."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from string import Formatter
from typing import Any, ClassVar, Literal

from pydantic import ConfigDict, TypeAdapter, ValidationError

_CLOSED = ConfigDict(extra="forbid", use_attribute_docstrings=True, strict=True)


FILLED_IN = ("mac", "name", "serial", "uuid")
"""Names in braces that `callback` and `network_image` may have."""


class SpecError(Exception):
    """A specification that no fleet can be made of; one problem a line, each with its path."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class Tls:
    """Certificate and key that every controller answers with, as PEM files."""

    __pydantic_config__: ClassVar[ConfigDict] = _CLOSED

    cert: str
    """Certificate chain, leaf first; good for 127.0.0.1 and localhost."""
    key: str
    """Private key without a passphrase."""
    authority_cert: str | None = None
    """The authority that signed it; with its key, faults make certificates that it signed."""
    authority_key: str | None = None
    """The authority's private key."""


@dataclass(frozen=True, slots=True)
class Login:
    """User and password of the account that every controller starts with."""

    __pydantic_config__: ClassVar[ConfigDict] = _CLOSED

    username: str
    """User name, compared with case."""
    password: str = field(repr=False)
    """Password; never logged, never read back."""


@dataclass(frozen=True, slots=True)
class MachineSpec:
    """One machine: its controller, and what is behind it."""

    __pydantic_config__: ClassVar[ConfigDict] = _CLOSED

    name: str
    """Host name; names the machine in the log and in faults."""
    address: str
    """Address of the controller in the blueprint; the key of the fleet's `endpoints`."""
    serial: str
    """Serial number of the system, as the label on the box says."""
    uuid: str
    """UUID of the host system."""
    model: str = "generic"
    """One of the models in `models/`."""
    macs: tuple[str, ...] = ()
    """MAC addresses of the host's interfaces, in the order of the model's ports."""
    chassis_serial: str | None = None
    """Serial number of the chassis; that of the system when it is left out."""
    power: Literal["On", "Off"] = "Off"
    """Power state when the fleet starts; a machine that is on runs what its disk holds."""
    bios: Mapping[str, str | int | bool] = field(default_factory=dict)
    """BIOS attributes that differ from the model's defaults."""
    firmware: Mapping[str, str] = field(default_factory=dict)
    """Running firmware by inventory id, where it differs from the model's."""
    secure_boot: bool = False
    """Whether secure boot is on when the fleet starts."""
    factory_credential: bool | Literal["beside"] = False
    """`true`: only the factory's account exists, and its password must be changed first.
    `"beside"`: it was left next to the fleet's own account."""
    installed: str | None = None
    """Digest of the image on the root disk; null is a blank disk."""
    network_image: str | None = None
    """Image or script that DHCP and the boot server offer to a network boot (`Pxe`, or `UefiHttp`
    without a URI of its own); filled in as `callback` is. Null is a network that offers nothing."""
    callback: str | None = None
    """URL that a finished installer posts to, instead of those that it finds in its seed;
    `{name}`, `{serial}`, `{uuid}` and `{mac}` are filled in."""


@dataclass(frozen=True, slots=True)
class FleetSpec:
    """A fleet: what all of its controllers share, and its machines."""

    __pydantic_config__: ClassVar[ConfigDict] = _CLOSED

    machines: tuple[MachineSpec, ...]
    """Machines; names and addresses are unique, serial numbers need not be (a fault to test)."""
    credentials: Login | str
    """The account, or a file that holds it as JSON or as `user:password`."""
    schemaVersion: Literal[1] = 1  # noqa: N815 - spelt as in the file
    """Version of this format."""
    tls: Tls | None = None
    """Null serves plain HTTP, for clients that cannot be told about an authority."""
    log: str | None = None
    """File that the witness log is appended to, one JSON value a line."""
    faults: str | None = None
    """Fault file; read at the start and again whenever it changes."""
    pace: float = 1.0
    """Factor on every duration of the models: 1 is real time, 0.01 a hundred times as fast."""
    images: Mapping[str, str] = field(default_factory=dict)
    """Digest by image URL: what an installer that boots from there writes to the disk."""
    packages: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Firmware packages by URL or file name: version by inventory id. A package that is not listed
    holds the JSON object that it is, or else the version in its name."""

    @property
    def login(self) -> Login:
        """The account, read from its file when it is kept in one.

        Raises:
            SpecError: The file cannot be read, or holds no account.
        """
        if isinstance(self.credentials, Login):
            return self.credentials
        return _login(Path(self.credentials))


_ADAPTER: TypeAdapter[FleetSpec] = TypeAdapter(FleetSpec)


def parse(document: Any) -> FleetSpec:
    """A fleet from a JSON value.

    Raises:
        SpecError: Everything that is wrong with it, by path.
    """
    try:
        spec = _ADAPTER.validate_json(json.dumps(document))
    except ValidationError as error:
        raise SpecError([f"{_path(e['loc'])}: {_reason(e)}" for e in error.errors()]) from None
    problems = [
        *_repeated(spec, "name"),
        *_repeated(spec, "address"),
        *(problem for index, one in enumerate(spec.machines) for problem in _odd(index, one)),
    ]
    if spec.pace < 0:
        problems.append(f"pace: {spec.pace} is negative; 0 is at once, 1 is real time")
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


def _reason(problem: Any) -> str:
    if problem["type"] in ("extra_forbidden", "unexpected_keyword_argument"):
        return "there is no such key here"
    message = str(problem["msg"])
    return f"{message[:1].lower()}{message[1:]}"


def _repeated(spec: FleetSpec, key: str) -> list[str]:
    counts = Counter(getattr(machine, key) for machine in spec.machines)
    return [
        f"machines: {key} `{value}` is given to {count} machines; it must be unique"
        for value, count in sorted(counts.items())
        if count > 1
    ]


def _odd(index: int, machine: MachineSpec) -> list[str]:
    """What a machine says that its model, or a template, does not know."""
    from aifactory_iac.lab.redfish.model import load, names

    at = f"machines.{index}"
    if machine.model not in names():
        known = ", ".join(names())
        return [f"{at}.model: there is no model `{machine.model}`; known are {known}"]
    model = load(machine.model)
    return [
        *_strange(f"{at}.bios", machine.bios, model.bios, f"BIOS attribute of {model.name}"),
        *_strange(f"{at}.firmware", machine.firmware, model.components(), f"part of {model.name}"),
        *_template(f"{at}.callback", machine.callback),
        *_template(f"{at}.network_image", machine.network_image),
    ]


def _strange(path: str, given: Iterable[str], known: Collection[str], what: str) -> list[str]:
    return [
        f"{path}.{name}: is no {what}; known are {', '.join(sorted(known))}"
        for name in given
        if name not in known
    ]


def _template(path: str, template: str | None) -> list[str]:
    """Names in braces that nothing is filled in for."""
    try:
        names = [name for _text, name, _spec, _how in Formatter().parse(template or "")]
    except ValueError:
        return [f"{path}: has a brace that stands alone; `{{name}}` is filled in"]
    return _strange(
        path, [name for name in names if name is not None], FILLED_IN, "word to fill in"
    )


def _login(path: Path) -> Login:
    try:
        text = path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise SpecError([f"credentials: {path}: {error.strerror or 'cannot be read'}"]) from None
    if text.startswith("{"):
        try:
            document = json.loads(text)
            return Login(str(document["username"]), str(document["password"]))
        except (ValueError, KeyError, TypeError):
            raise SpecError(
                [f"credentials: {path}: is no JSON object with `username` and `password`"]
            ) from None
    username, colon, password = text.partition(":")
    if not (colon and username and password):
        raise SpecError([f"credentials: {path}: is neither `user:password` nor JSON"])
    return Login(username, password)

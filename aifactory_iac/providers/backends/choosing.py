"""From what a node group says of its back end to a `Provisioner`, or everything that is wrong."""

from __future__ import annotations

import importlib
import importlib.metadata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urlsplit

from aifactory_iac.providers.machine.intent import SecretReference
from aifactory_iac.providers.machine.provisioner import Provisioner
from aifactory_iac.providers.membership.drain import Drains
from aifactory_iac.providers.provisioning.folder import Folder
from aifactory_iac.providers.resource import Failure
from aifactory_iac.providers.surroundings import Surroundings

GROUP = "aifactory_iac.provisioners"
"""Entry points of back ends that are not ours."""

Trust = Literal["site-ca", "system-ca", "insecure"]


@dataclass(frozen=True, slots=True)
class Choice:
    """What is chosen, and what a back end may need beside.

    `auth` is `none`, `basic` or `token`; `options` are the back end's own, as text. `provisioning`
    is the folder of the site's provisioning service; `drains` empties nodes; `tell` is told machine
    and what happens to it.
    """

    kind: str = "redfish"
    url: str = ""
    auth: str = "none"
    credentials: SecretReference | None = None
    trust: Trust = "site-ca"
    options: Mapping[str, str] = field(default_factory=dict)
    provisioning: Folder | None = None
    drains: Drains | None = None
    tell: Callable[[str, str], None] = lambda _name, _what: None


Factory = Callable[[Choice, Surroundings], Provisioner]


class BackendError(Exception):
    """A back end cannot be had; the text is for the user."""


def choice_failures(value: Mapping[str, Any], at: str = "backend") -> Iterator[Failure]:
    """What is wrong with a node group's `backend`; reaches nothing but installed packages."""
    kind = str(value.get("kind") or "redfish")
    if kind == "ironic":
        yield from _ironic_failures(value, at)
        return
    if kind == "redfish":
        for name in sorted(set(value) - {"kind"}):
            yield Failure(f"{at}.{name}", "means nothing to `redfish`: leave it out")
        return
    try:
        _factory(kind)
    except BackendError as error:
        yield Failure(f"{at}.kind", str(error))


def read_choice(
    value: Mapping[str, Any],
    *,
    provisioning: Folder | None = None,
    drains: Drains | None = None,
    tell: Callable[[str, str], None] = lambda _name, _what: None,
) -> Choice:
    """A node group's `backend`, after `choice_failures` had none."""
    return Choice(
        kind=str(value.get("kind") or "redfish"),
        url=str(value.get("url") or ""),
        auth=str(value.get("auth") or ("basic" if value.get("credentials") else "none")),
        credentials=value.get("credentials"),
        trust=value.get("tls") or "site-ca",
        options={name: str(text) for name, text in (value.get("options") or {}).items()},
        provisioning=provisioning,
        drains=drains,
        tell=tell,
    )


def provisioner(choice: Choice, around: Surroundings) -> Provisioner:
    """The back end that was chosen; made and closed inside one event loop.

    Raises:
        BackendError: There is none of that name, or it cannot be set up.
    """
    return _factory(choice.kind)(choice, around)


def _factory(kind: str) -> Factory:
    if kind in _OURS:
        return _OURS[kind]
    found = [each for each in importlib.metadata.entry_points(group=GROUP) if each.name == kind]
    if not found and ":" not in kind:
        known = ", ".join(sorted({*_OURS, *importlib.metadata.entry_points(group=GROUP).names}))
        raise BackendError(
            f"there is no back end `{kind}`; known are {known}, and any `module:function`"
        )
    try:
        factory: Factory = found[0].load() if found else _named(kind)
    except (ImportError, AttributeError) as error:
        raise BackendError(f"the back end `{kind}` cannot be loaded: {error}") from None
    if not callable(factory):
        raise BackendError(f"the back end `{kind}` is no function")
    return factory


def _named(path: str) -> Factory:
    module, _, name = path.partition(":")
    factory: Factory = getattr(importlib.import_module(module), name)
    return factory


def _redfish(choice: Choice, around: Surroundings) -> Provisioner:
    from aifactory_iac.providers.machine.redfish_provisioner import RedfishProvisioner

    return RedfishProvisioner(around, choice.provisioning, choice.drains, choice.tell)


def _ironic(choice: Choice, around: Surroundings) -> Provisioner:
    from aifactory_iac.providers.backends.ironic.provisioner import IronicProvisioner
    from aifactory_iac.providers.backends.ironic.rest import Access
    from aifactory_iac.providers.redfish.trust import TrustError, TrustPolicy
    from aifactory_iac.providers.secrets import SecretError

    lab = around.settings.lab
    authority = lab.ca if lab is not None and lab.ca else str(around.settings.site_ca or "")
    plain = urlsplit(choice.url).scheme == "http"
    trust = TrustPolicy("insecure" if plain else choice.trust, authority)
    credentials, token = None, ""
    try:
        trust.context()
        if choice.auth == "basic" and choice.credentials:
            credentials = around.credentials(choice.credentials)
        elif choice.auth == "token" and choice.credentials:
            token = around.secrets.text(choice.credentials).strip()
    except (SecretError, TrustError) as error:
        raise BackendError(f"the back end `ironic`: {error}") from None
    return IronicProvisioner(
        around,
        Access(
            choice.url,
            trust,
            {"basic": "basic", "token": "token"}.get(choice.auth, "none"),  # type: ignore[arg-type]
            credentials,
            token,
        ),
        owner=choice.options.get("owner", ""),
        authority=choice.options.get("authority", ""),
        deployer=choice.options.get("deployer", ""),
        forget=choice.options.get("forget", "true") != "false",
        provisioning=choice.provisioning,
        drains=choice.drains,
        tell=choice.tell,
    )


_OURS: Mapping[str, Factory] = {"redfish": _redfish, "ironic": _ironic}

_IRONIC_KEYS = ("kind", "url", "auth", "credentials", "tls", "options")
_IRONIC_OPTIONS = ("authority", "deployer", "forget", "owner")


def _ironic_failures(value: Mapping[str, Any], at: str) -> Iterator[Failure]:
    for name in sorted(set(value) - set(_IRONIC_KEYS)):
        yield Failure(f"{at}.{name}", f"is none of {', '.join(_IRONIC_KEYS)}")
    for name in sorted(set(value.get("options") or {}) - set(_IRONIC_OPTIONS)):
        yield Failure(f"{at}.options.{name}", f"is none of {', '.join(_IRONIC_OPTIONS)}")
    yield from _url_failures(str(value.get("url") or ""), value, at)
    auth, credentials = value.get("auth"), value.get("credentials")
    if auth not in (None, "none", "basic", "token"):
        yield Failure(f"{at}.auth", f"`{auth}` is none of none, basic, token")
    if auth in ("basic", "token") and not credentials:
        yield Failure(
            f"{at}.credentials", f"is required with `auth: {auth}`: a reference {{store, path}}"
        )
    if auth == "none" and credentials:
        yield Failure(f"{at}.auth", "is `none`, and there are credentials: say `basic` or `token`")


def _url_failures(url: str, value: Mapping[str, Any], at: str) -> Iterator[Failure]:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        yield Failure(f"{at}.url", f"`{url}` is no URL such as `https://ironic.site:6385`")
        return
    if parts.username or parts.password:
        yield Failure(f"{at}.url", "holds a user or a password: name a secret in `credentials`")
    if parts.path.rstrip("/").endswith("/v1"):
        yield Failure(f"{at}.url", "ends in the version `/v1`, which we add: leave it out")
    loopback = parts.hostname in ("127.0.0.1", "localhost", "::1")
    if parts.scheme == "http" and not loopback and value.get("tls") != "insecure":
        yield Failure(f"{at}.url", "is plain http, and BMC passwords would go over it: use https")

"""`ProvisioningServer`: DHCP and HTTP boot of one site, put in force as a whole."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from aifactory_iac.providers.install.document import joined
from aifactory_iac.providers.install.outside import Checker, dhcp_checkers
from aifactory_iac.providers.install.scalars import mac_address
from aifactory_iac.providers.provisioning.control_agent import (
    ControlAgent,
    KeaError,
    KeaUnreachableError,
)
from aifactory_iac.providers.provisioning.deployment import Deployment
from aifactory_iac.providers.provisioning.examining import RefusedError
from aifactory_iac.providers.provisioning.files import wanted_digests
from aifactory_iac.providers.provisioning.folder import Folder, own_folder, point
from aifactory_iac.providers.provisioning.images import ImageError
from aifactory_iac.providers.provisioning.service import Service, read_service
from aifactory_iac.providers.resource import (
    UNKNOWN,
    Checked,
    Difference,
    Found,
    Made,
    Properties,
    PropertyChange,
    ProviderError,
    has_unknown,
)
from aifactory_iac.providers.secrets import SecretError
from aifactory_iac.providers.surroundings import Surroundings

OUTPUTS = ("url", "digests", "checked", "served")


@dataclass(frozen=True)
class ProvisioningServerType:
    """Provisioning services; `checkers` are the programs that read the files first."""

    checkers: Callable[[], Sequence[Checker]] = dhcp_checkers
    token: str = field(default="aifactory:metal:ProvisioningServer")

    def check(self, old: Properties | None, new: Properties) -> Checked:
        """Everything that is wrong; lists without an order are sorted, MACs are spelled alike."""
        del old
        return Checked(_normal(new), read_service(new).failures)

    def diff(self, old_inputs: Properties, state: Properties, new: Properties) -> Difference:
        """Against the inputs, and against the digests of what was last seen in force."""
        changes: dict[str, PropertyChange] = {}
        for key in sorted({*old_inputs, *new}):
            before, after = old_inputs.get(key), new.get(key)
            if not has_unknown(after) and before != after:
                changes[key] = PropertyChange(_kind(before, after), replace=key == "site")
        service = read_service(new)
        if service.value is not None and service.complete and not service.failures:
            seen: Mapping[str, str] = state.get("digests") or {}
            wanted = wanted_digests(service.value)
            for name in sorted({*seen, *wanted}):
                if seen.get(name) != wanted.get(name):
                    kind = _kind(seen.get(name), wanted.get(name))
                    changes[joined("digests", name)] = PropertyChange(kind)
        stables = () if {"site", "domain", "endpoint"} & changes.keys() else ("url",)
        return Difference(changes, stables=stables, known=service.complete)

    async def create(
        self, name: str, inputs: Properties, around: Surroundings, *, preview: bool
    ) -> Made:
        """The id is the site. A preview reaches nothing, and knows what would be rendered."""
        del name
        if preview:
            id_ = "" if inputs["site"] is UNKNOWN else str(inputs["site"])
            return Made(id_, _planned(inputs))
        return Made(str(inputs["site"]), await self._applied(inputs, {}, around))

    async def read(
        self, id_: str, inputs: Properties, state: Properties, around: Surroundings
    ) -> Found | None:
        """Digests of what is in force now; None when nothing is.

        Kea that cannot be reached, and a folder that this machine does not have, are not gone.
        """
        if not inputs:
            raise ProviderError(
                f"{id_}: a provisioning server cannot be imported by its id alone; declare it, and "
                "what is in force already is kept where it is the same"
            )
        service = _service(inputs)
        try:
            found = await self._deployment(service, around).look(service)
        except KeaUnreachableError as error:
            around.log("warning", f"{error}; what was last seen of it is kept")
            return Found({**state, "stale": True}, inputs)
        except KeaError as error:
            raise ProviderError(str(error)) from None
        if not found:
            place = _place(service, around).path
            if place.is_dir():
                return None
            around.log("warning", f"{place} is not on this machine; what was last seen is kept")
            return Found({**state, "stale": True}, inputs)
        seen = {key: value for key, value in state.items() if key != "stale"}
        return Found({**seen, "digests": found}, inputs)

    async def update(
        self,
        id_: str,
        old: Properties,
        state: Properties,
        new: Properties,
        around: Surroundings,
        *,
        preview: bool,
    ) -> Properties:
        """Puts the new one in force; a target that was left is then withdrawn from."""
        del id_, state
        if preview:
            return _planned(new)
        applied = await self._applied(new, old, around)
        before, after = _service(old), _service(new)
        if _place(before, around).path != _place(after, around).path:
            await self._withdrawn(before, around, kea=before.target.url != after.target.url)
        elif before.target.url is not None and before.target.url != after.target.url:
            await self._released(before, around)
        return applied

    async def delete(
        self, id_: str, inputs: Properties, state: Properties, around: Surroundings
    ) -> None:
        """Stops serving: nothing more boots from here. Images and leases stay."""
        del id_, state
        await self._withdrawn(_service(inputs), around, kea=True)
        point(around.settings.state_dir, str(inputs["site"]), None)

    async def _applied(
        self, inputs: Properties, old: Properties, around: Surroundings
    ) -> dict[str, Any]:
        service = _service(inputs)
        _may_write(around)
        before = _service(old).networks if old else ()
        deployment = self._deployment(service, around)
        try:
            found = await deployment.apply(service, before)
            point(around.settings.state_dir, service.site, service.target.path)
        except RefusedError as error:
            raise ProviderError(f"{service.site}: nothing was changed:\n{error}") from None
        except (ImageError, KeaError, OSError) as error:
            raise ProviderError(f"{service.site}: {error}") from None
        for name, state in found.images.items():
            if state != "measured":
                around.log("warning", f"image of {name}: {state}")
        for program, verdict in found.checked.items():
            if verdict != "passed":
                around.log("info", f"{program}: {verdict}")
        return {
            **inputs,
            "url": service.url,
            "digests": dict(found.digests),
            "checked": dict(found.checked),
            "served": dict(found.images),
        }

    async def _withdrawn(self, service: Service, around: Surroundings, *, kea: bool) -> None:
        _may_write(around)
        deployment = self._deployment(service, around)
        try:
            if not kea:
                deployment = Deployment(deployment.folder, None, ())
            await deployment.withdraw(service.networks)
        except (KeaError, OSError) as error:
            raise ProviderError(f"{service.site}: {error}") from None

    async def _released(self, service: Service, around: Surroundings) -> None:
        agent = _agent(service, around)
        if agent is None:
            return
        try:
            await agent.release(service.networks)
        except KeaError as error:
            raise ProviderError(f"{service.site}: {error}") from None

    def _deployment(self, service: Service, around: Surroundings) -> Deployment:
        return Deployment(_place(service, around), _agent(service, around), self.checkers())


TYPE = ProvisioningServerType()


def _service(inputs: Properties) -> Service:
    """The inputs as a value. Raises `ProviderError` when they were never checked."""
    found = read_service(inputs)
    if found.value is None or found.failures:
        reasons = "; ".join(f"{one.property} {one.reason}" for one in found.failures)
        raise ProviderError(f"the inputs are not those of a provisioning server: {reasons}")
    return found.value


def _planned(inputs: Properties) -> dict[str, Any]:
    """The state that a preview can tell: what is rendered, but not what programs say of it."""
    found = read_service(inputs)
    state: dict[str, Any] = {**inputs, **dict.fromkeys(OUTPUTS, UNKNOWN)}
    if found.value is not None and found.complete:
        state |= {"url": found.value.url, "digests": wanted_digests(found.value)}
    return state


def _normal(inputs: Properties) -> dict[str, Any]:
    """The inputs, spelled in one way; what is wrong or unknown is left as it is."""
    found = dict(inputs)
    for name in ("bootMethods", "interfaces"):
        given = found.get(name)
        if isinstance(given, list) and all(isinstance(one, str) for one in given):
            found[name] = sorted(set(given))
    reservations = found.get("reservations")
    if isinstance(reservations, Mapping):
        found["reservations"] = {name: _spelled(one) for name, one in reservations.items()}
    return found


def _spelled(reservation: Any) -> Any:
    mac = reservation.get("mac") if isinstance(reservation, Mapping) else None
    if not isinstance(mac, str):
        return reservation
    try:
        return {**reservation, "mac": mac_address(mac)}
    except ValueError:
        return reservation


def _kind(before: Any, after: Any) -> Any:
    return "add" if before is None else "delete" if after is None else "update"


def _place(service: Service, around: Surroundings) -> Folder:
    own = service.target.path
    return Folder(Path(own)) if own else own_folder(around.settings.state_dir, service.site)


def _agent(service: Service, around: Surroundings) -> ControlAgent | None:
    target = service.target
    if target.kind != "kea" or target.url is None:
        return None
    parts = urlsplit(target.url)
    stands_in = around.endpoint(parts.hostname or "") or around.endpoint(parts.netloc)
    url = target.url
    if stands_in is not None:
        url = stands_in if "://" in stands_in else f"{parts.scheme}://{stands_in}"
    reference = target.credentials
    try:
        credentials = around.credentials(reference.model_dump()) if reference else None
        context = _trusted(around) if url.startswith("https:") else None
    except (SecretError, OSError) as error:
        raise ProviderError(f"{service.site}: {error}") from None
    return ControlAgent(url, credentials, context)


def _trusted(around: Surroundings) -> ssl.SSLContext:
    """The site's own authority, that of a lab, or those of the system."""
    lab = around.settings.lab
    own = str(around.settings.site_ca or "") or (lab.ca if lab else "")
    return ssl.create_default_context(cafile=own or None)


def _may_write(around: Surroundings) -> None:
    if around.frozen:
        raise ProviderError(f"writes are frozen by {around.settings.freeze}: nothing was changed")
    if around.cancelled.is_set():
        raise ProviderError("cancelled: nothing was changed")

"""One look at a machine through its BMC: reads only what its intent or a step asks for.

A machine whose intent declares no more than power is read with one request once its system is
known; a first look takes a few more. Where a BMC lacks a resource, what it would say is unknown.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, cast

from aifactory_iac.providers.machine.identity import Identity
from aifactory_iac.providers.machine.intent import MachineIntent
from aifactory_iac.providers.machine.observation import (
    BootOverride,
    Drive,
    Medium,
    Observation,
    PowerState,
    Running,
    RunningTask,
)
from aifactory_iac.providers.redfish.client import RedfishClient
from aifactory_iac.providers.redfish.outcome import (
    Answer,
    FaultError,
    MissingError,
    RedfishError,
    RejectedError,
)
from aifactory_iac.providers.redfish.vendor import VendorProfile, profile_of

Part = Literal["bios", "secure-boot", "media", "firmware", "tasks", "macs", "drives", "manager"]

POWER_STATES = ("On", "Off", "PoweringOn", "PoweringOff", "Paused")


class NoSystemError(RedfishError):
    """The BMC has no system that could be the host, or several and no way to tell."""


@dataclass
class Looker:
    """Looks at one machine; remembers where things are on its BMC, and nothing else."""

    client: RedfishClient
    system: str = ""
    """Id of the host's system, where the profile does not know it."""
    _profile: VendorProfile | None = None
    _system: str = ""
    _vendor: str = ""
    _media: tuple[str, ...] | None = None
    _last_parts: frozenset[Part] = field(default_factory=frozenset)

    async def profile(self) -> VendorProfile:
        """The vendor's profile, found with the service root and the ids of the systems."""
        if self._profile is None:
            await self._find_system()
        return cast("VendorProfile", self._profile)

    async def look(self, intent: MachineIntent, parts: frozenset[Part], at: float) -> Observation:
        """One observation with the parts that were asked for. Raises a `RedfishError`."""
        profile = await self.profile()
        answer = await self.client.get(self._system)
        body = answer.body
        seen = Observation(
            at=at,
            identity=Identity.of(str(body.get("SerialNumber") or ""), str(body.get("UUID") or "")),
            vendor=profile.id,
            model=str(body.get("Model") or ""),
            power=_power(body),
            running=_running(body),
            progress=str((body.get("BootProgress") or {}).get("LastState") or ""),
            last_reset=str(body.get("LastResetTime") or ""),
            etags={self._system: answer.etag},
            paths=_paths(body, self._system),
            targets={
                "reset": _allowed(body.get("Actions", {}).get("#ComputerSystem.Reset", {})),
                "boot": tuple(
                    body.get("Boot", {}).get("BootSourceOverrideTarget@Redfish.AllowableValues", ())
                ),
            },
            boot=_override(body),
            boot_order=_order(body),
        )
        seen = await self._next_boot(seen, profile)
        readers = {
            "bios": self._bios,
            "secure-boot": self._secure_boot,
            "media": self._drives,
            "tasks": self._tasks,
            "macs": self._interfaces,
            "drives": self._inside,
            "manager": self._manager,
        }
        found = await asyncio.gather(
            *(readers[part](seen) for part in sorted(parts & set(readers)))
        )
        for changes in found:
            seen = replace(seen, **_merged(seen, changes))
        if "firmware" in parts:
            seen = replace(seen, firmware=await self._firmware(intent))
        if not seen.identity.serial:
            seen = replace(seen, identity=await self._chassis_identity(seen, body))
        return seen

    async def _find_system(self) -> None:
        root = await self.client.service()
        self._vendor = str(root.get("Vendor") or next(iter(root.get("Oem") or {}), ""))
        collection = str((root.get("Systems") or {}).get("@odata.id", "/redfish/v1/Systems"))
        paths = members(await self.client.get(collection))
        ids = {path.rstrip("/").rpartition("/")[2]: path for path in paths}
        profile = profile_of(self._vendor, tuple(ids))
        chosen = [self.system] if self.system else [*profile.systems]
        known = [ids[name] for name in chosen if name in ids]
        if not known and not self.system and len(ids) == 1:
            known = list(ids.values())
        if not known:
            listed = ", ".join(sorted(ids)) or "none"
            raise NoSystemError(
                f"GET {self.client.address}{collection}",
                f"which system is the host cannot be told ({listed}): give `system`",
            )
        self._profile, self._system = profile, known[0]

    async def _next_boot(self, seen: Observation, profile: VendorProfile) -> Observation:
        """Boot settings as the next boot will find them: some vendors keep those in settings."""
        system, settings = seen.paths["system"], seen.paths.get("settings", "")
        override = settings if profile.boot_settings and settings else system
        paths = {**seen.paths, "boot": override, "boot-order": settings or system}
        seen = replace(seen, paths=paths)
        answer = await self._maybe(settings) if settings else None
        if answer is None or "Boot" not in answer.body:
            return seen
        etags = {**seen.etags, settings: answer.etag}
        seen = replace(seen, boot_order=_order(answer.body) or seen.boot_order, etags=etags)
        return replace(seen, boot=_override(answer.body)) if override == settings else seen

    async def _bios(self, seen: Observation) -> Mapping[str, Any]:
        path = seen.paths.get("bios")
        answer = await self._maybe(path) if path else None
        if answer is None:
            return {}
        settings = _settings_of(answer.body)
        times = (answer.body.get("@Redfish.Settings") or {}).get("SupportedApplyTimes") or ()
        pending: Mapping[str, Any] = {}
        etags = {str(path): answer.etag}
        if settings:
            later = await self._maybe(settings)
            if later is not None:
                pending = later.body.get("Attributes") or {}
                etags[settings] = later.etag
        return {
            "bios": answer.body.get("Attributes") or {},
            "pending_bios": pending,
            "etags": etags,
            "paths": {"bios-settings": settings or str(path)},
            "raw": {"bios-registry": str(answer.body.get("AttributeRegistry") or "")},
            "targets": {**seen.targets, "bios-apply": tuple(times)},
        }

    async def _secure_boot(self, seen: Observation) -> Mapping[str, Any]:
        path = seen.paths.get("secure-boot")
        answer = await self._maybe(path) if path else None
        if answer is None:
            return {}
        current = answer.body.get("SecureBootCurrentBoot")
        enabled = answer.body.get("SecureBootEnable")
        return {
            "secure_boot": enabled if current is None else current == "Enabled",
            "secure_boot_next": enabled,
            "etags": {str(path): answer.etag},
        }

    async def _drives(self, seen: Observation) -> Mapping[str, Any]:
        if self._media is None:
            self._media = await self._find_drives(seen)
        answers = await asyncio.gather(*(self._maybe(path) for path in self._media))
        drives, etags, paths = [], {}, {}
        for path, answer in zip(self._media, answers, strict=True):
            if answer is None:
                continue
            body = answer.body
            image = str(body.get("Image") or "") if body.get("Inserted", body.get("Image")) else ""
            drives.append(Medium(path, tuple(body.get("MediaTypes") or ()), image))
            etags[path] = answer.etag
            actions = body.get("Actions") or {}
            for verb in ("InsertMedia", "EjectMedia"):
                target = (actions.get(f"#VirtualMedia.{verb}") or {}).get("target")
                paths[f"{verb}:{path}"] = str(target or f"{path}/Actions/VirtualMedia.{verb}")
        return {"media": tuple(drives), "etags": etags, "paths": paths}

    async def _find_drives(self, seen: Observation) -> tuple[str, ...]:
        """On the system where it has them (since Redfish 2021.1), else on its managers."""
        places = [seen.paths["media"]] if "media" in seen.paths else []
        if not places:
            profile = await self.profile()
            for manager in seen.paths.get("managers", "").split():
                if profile.manager and not manager.rstrip("/").endswith(f"/{profile.manager}"):
                    continue
                answer = await self._maybe(manager)
                link = ((answer.body if answer else {}).get("VirtualMedia") or {}).get("@odata.id")
                places += [str(link)] if link else []
        found: list[str] = []
        for place in places:
            answer = await self._maybe(place)
            found += members(answer) if answer else []
        return tuple(found)

    async def _tasks(self, seen: Observation) -> Mapping[str, Any]:  # noqa: ARG002
        root = await self.client.service()
        service = (root.get("Tasks") or {}).get("@odata.id")
        answer = await self._maybe(f"{str(service).rstrip('/')}/Tasks") if service else None
        if answer is None:
            return {}
        answers = await asyncio.gather(*(self._maybe(path) for path in members(answer)))
        return {"tasks": tuple(task_of(each.body) for each in answers if each is not None)}

    async def _interfaces(self, seen: Observation) -> Mapping[str, Any]:
        path = seen.paths.get("interfaces")
        answer = await self._maybe(path) if path else None
        if answer is None:
            return {}
        answers = await asyncio.gather(*(self._maybe(path) for path in members(answer)))
        macs = [
            # Both spellings are the field's; the permanent one is the label's.
            str(each.body.get("PermanentMACAddress") or each.body.get("MACAddress") or "")
            for each in answers
            if each is not None
        ]
        return {"identity": Identity.of(seen.identity.serial, seen.identity.uuid, macs)}

    async def _manager(self, seen: Observation) -> Mapping[str, Any]:
        profile = await self.profile()
        answer = await self._maybe(manager_of(seen, profile))
        return {"manager_reset": str((answer.body if answer else {}).get("LastResetTime") or "")}

    async def _inside(self, seen: Observation) -> Mapping[str, Any]:
        path = seen.paths.get("storage")
        answer = await self._maybe(path) if path else None
        controllers = members(answer) if answer is not None else []
        found = []
        for controller in await asyncio.gather(*(self._maybe(each) for each in controllers)):
            links = (controller.body if controller else {}).get("Drives") or ()
            paths = [str(link.get("@odata.id")) for link in links]
            for place, drive in zip(
                paths, await asyncio.gather(*(self._maybe(each) for each in paths)), strict=True
            ):
                body = drive.body if drive else {}
                action = (body.get("Actions") or {}).get("#Drive.SecureErase") or {}
                name = str(body.get("Id") or place.rpartition("/")[2])
                found.append(Drive(place, name, str(action.get("target") or "")))
        return {"drives": tuple(found)}

    async def _firmware(self, intent: MachineIntent) -> Mapping[str, str]:
        root = await self.client.service()
        service = str((root.get("UpdateService") or {}).get("@odata.id") or "")
        if not service:
            return {}
        base = f"{service.rstrip('/')}/FirmwareInventory"
        names = [component.name for component in intent.firmware]
        answers = await asyncio.gather(*(self._maybe(f"{base}/{name}") for name in names))
        return {
            name: str(answer.body.get("Version") or "")
            for name, answer in zip(names, answers, strict=True)
            if answer is not None
        }

    async def _chassis_identity(self, seen: Observation, body: Mapping[str, Any]) -> Identity:
        """Some controllers know the serial number only of the chassis."""
        links = (body.get("Links") or {}).get("Chassis") or ()
        for link in links:
            answer = await self._maybe(str(link.get("@odata.id")))
            serial = str((answer.body if answer else {}).get("SerialNumber") or "")
            if serial:
                return Identity.of(serial, seen.identity.uuid, seen.identity.macs)
        return seen.identity

    async def _maybe(self, path: str) -> Answer | None:
        """A resource that a BMC may lack, or advertise and not have."""
        try:
            return await self.client.get(path)
        except (MissingError, RejectedError, FaultError):
            return None


def manager_of(seen: Observation, profile: VendorProfile) -> str:
    """Path of the host's own controller: the one that the profile names, else the first."""
    managers = seen.paths.get("managers", "").split()
    named = [path for path in managers if path.rstrip("/").endswith(f"/{profile.manager}")]
    return (named or managers or ["/redfish/v1/Managers/1"])[0]


def members(answer: Answer) -> list[str]:
    """Paths of a collection's members."""
    return [str(member["@odata.id"]) for member in answer.body.get("Members") or ()]


def task_of(body: Mapping[str, Any]) -> RunningTask:
    """A task resource as a value."""
    return RunningTask(
        path=str(body.get("@odata.id") or ""),
        state=str(body.get("TaskState") or ""),
        name=str(body.get("Name") or ""),
        started=str(body.get("StartTime") or ""),
    )


def _merged(seen: Observation, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Changes of one part; tables of paths and tags grow, everything else is set."""
    return {
        key: {**getattr(seen, key), **value} if key in ("etags", "paths", "raw") else value
        for key, value in changes.items()
    }


def _paths(body: Mapping[str, Any], system: str) -> Mapping[str, str]:
    links = {
        "system": system,
        "settings": _settings_of(body),
        "bios": _link(body, "Bios"),
        "secure-boot": _link(body, "SecureBoot"),
        "media": _link(body, "VirtualMedia"),
        "interfaces": _link(body, "EthernetInterfaces"),
        "storage": _link(body, "Storage"),
        "reset": str(
            (body.get("Actions") or {}).get("#ComputerSystem.Reset", {}).get("target")
            or f"{system}/Actions/ComputerSystem.Reset"
        ),
        "chassis": next(
            (str(link.get("@odata.id")) for link in (body.get("Links") or {}).get("Chassis") or ()),
            "",
        ),
        "managers": " ".join(
            str(link.get("@odata.id")) for link in (body.get("Links") or {}).get("ManagedBy") or ()
        ),
    }
    return {name: path for name, path in links.items() if path}


def _link(body: Mapping[str, Any], name: str) -> str:
    return str((body.get(name) or {}).get("@odata.id") or "")


def _settings_of(body: Mapping[str, Any]) -> str:
    settings = body.get("@Redfish.Settings") or {}
    return str((settings.get("SettingsObject") or {}).get("@odata.id") or "")


def _power(body: Mapping[str, Any]) -> PowerState:
    state = body.get("PowerState")
    return cast("PowerState", state) if state in POWER_STATES else "unknown"


def _running(body: Mapping[str, Any]) -> Running:
    """Whether an operating system runs (DSP0268, ComputerSystem BootProgress)."""
    if body.get("PowerState") == "Off":
        return "no"
    state = (body.get("BootProgress") or {}).get("LastState")
    if state in (None, "None"):
        # Of a machine that is on, `None` says that its controller does not know.
        return "unknown"
    return "yes" if state == "OSRunning" else "no"


def _override(body: Mapping[str, Any]) -> BootOverride:
    boot = body.get("Boot") or {}
    return BootOverride(
        str(boot.get("BootSourceOverrideEnabled") or "Disabled"),
        str(boot.get("BootSourceOverrideTarget") or "None"),
        str(boot.get("HttpBootUri") or ""),
        str(boot.get("BootSourceOverrideMode") or ""),
    )


def _order(body: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple((body.get("Boot") or {}).get("BootOrder") or ())


def _allowed(action: Mapping[str, Any]) -> tuple[str, ...]:
    values: Sequence[str] = action.get("ResetType@Redfish.AllowableValues") or ()
    return tuple(values)

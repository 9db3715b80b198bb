"""From power to an operating system: POST, pending settings, boot source."""

from __future__ import annotations

from aifactory_iac.lab.redfish.plant import boot_settings, flashing, installing, tasks
from aifactory_iac.lab.redfish.plant.state import Machine

_MEDIA_TYPES = {"Cd": ("CD", "DVD"), "Usb": ("USBStick",), "UsbCd": ("CD", "DVD")}


def start(machine: Machine) -> None:
    """The host begins POST; pending settings and staged host firmware are taken up now."""
    host = machine.host
    host.stage = "post"
    host.coming.clear()
    flashing.activate(machine, "host-reset")
    if quirk := machine.model.quirk("unreachable-after-gpu-reset"):
        machine.hide_baseboard(float(quirk.value))
    _take_up_settings(machine)
    host.coming.append(machine.after(machine.model.times.post, lambda: _choose_source(machine)))


def stop(machine: Machine) -> None:
    """Whatever was ahead of the host is not any more."""
    for appointment in machine.host.coming:
        appointment.cancel()
    machine.host.coming.clear()
    installing.interrupt(machine)
    machine.host.stage = "off"


def power_was_cut(machine: Machine) -> None:
    """The chassis lost power for a moment: firmware that waits for that runs now."""
    flashing.activate(machine, "chassis-cycle")


def _take_up_settings(machine: Machine) -> None:
    host = machine.host
    if host.pending_bios and host.bios_scheduled:
        host.bios_scheduled = False
        host.bios.update(host.pending_bios)
        machine.effect("bios-applied", attributes=dict(host.pending_bios))
        host.pending_bios.clear()
        if host.bios_job is not None:
            tasks.finish(machine, host.bios_job, lambda: None)
            host.bios_job = None
    if host.pending_boot:
        pending, host.pending_boot = host.pending_boot, {}
        if order := pending.get("BootOrder"):
            host.boot_order = list(order)
        boot_settings.override(machine, pending)
        machine.effect("boot-settings-applied", boot=pending)
    if host.secure_boot != host.secure_boot_next:
        host.secure_boot = host.secure_boot_next
        machine.effect("secure-boot", enabled=host.secure_boot)


def _choose_source(machine: Machine) -> None:
    """The override comes first; `Once` is used up by this boot, `Continuous` is not."""
    override = machine.host.override
    overridden = override.enabled != "Disabled" and override.target != "None"
    target = override.target if overridden else None
    uri = override.http_uri
    if overridden and override.enabled == "Once":
        override.enabled, override.target, override.http_uri = "Disabled", "None", ""
        machine.effect("override-consumed", target=target)
        boot_settings.tell(machine)
    _boot(machine, target, uri)


def _boot(machine: Machine, target: str | None, uri: str) -> None:
    image = _installer(machine, target, uri)
    if image is not None:
        machine.effect("boot", source=target or "media", image=image)
        installing.begin(
            machine, image, lambda: reboot(machine), lambda: _from_disk(machine, target)
        )
    else:
        _from_disk(machine, target)


def _from_disk(machine: Machine, target: str | None) -> None:
    """What firmware comes to last; a target of its own that offers nothing ends before."""
    host = machine.host
    if target in (None, "Hdd") and host.disk is not None:
        machine.effect("boot", source="disk")
        host.stage = "booting"
        host.coming.append(machine.after(machine.model.times.os_boot, lambda: _up(machine)))
    else:
        machine.host.stage = "no-boot-device"
        machine.effect("boot", source=target or "none")


def _installer(machine: Machine, target: str | None, uri: str) -> str | None:
    """The image that this boot installs from. Firmware tries removable media before the disk."""
    if target in ("UefiHttp", "Pxe"):
        return uri or installing.network_image(machine)
    if target not in (None, *_MEDIA_TYPES):
        return None
    kinds = (_MEDIA_TYPES[target],) if target else (("CD", "DVD"), ("USBStick",))
    for wanted in kinds:
        for slot in machine.slots.values():
            if slot.image is not None and set(slot.types) & set(wanted):
                return slot.image
    return None


def reboot(machine: Machine) -> None:
    """The installer restarts the host into what it wrote, as curtin and anaconda do.

    It puts its own boot entry first for that one boot, so media that is still there does not come
    into it; a `Continuous` override does, and the machine installs again.
    """
    host = machine.host
    host.stage = "post"
    host.coming.clear()
    _take_up_settings(machine)
    host.coming.append(machine.after(machine.model.times.post, lambda: _after_install(machine)))


def _after_install(machine: Machine) -> None:
    if machine.host.override.enabled == "Disabled":
        _boot(machine, "Hdd", "")
    else:
        _choose_source(machine)


def _up(machine: Machine) -> None:
    machine.host.stage = "os"
    machine.effect("os-up")
    installing.say(machine, "ready")

"""A node as Ironic's REST API gives it, and what its inspection found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aifactory_iac.providers.machine.identity import Identity
from aifactory_iac.providers.machine.observation import PowerState

MARK = "aifactory"
"""Key below a node's `extra` where we write what is ours."""

FIELDS = (
    "uuid", "name", "driver", "provision_state", "target_provision_state", "provision_updated_at",
    "power_state", "target_power_state", "reservation", "maintenance", "maintenance_reason",
    "protected", "protected_reason", "retired", "owner", "lessee", "instance_uuid",
    "allocation_uuid", "automated_clean", "last_error", "driver_info", "instance_info",
    "deploy_interface", "extra",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Node:
    """One look at one node. Secrets in `driver_info` come back as `******`."""

    uuid: str
    name: str
    driver: str
    provision: str
    target: str
    changed: str
    """When its provision state last changed, by Ironic's clock."""
    power: PowerState
    turning: bool
    """Whether Ironic is about to change its power."""
    reservation: str
    """Host that holds its lock just now."""
    maintenance: str | None
    """Why it is in maintenance; None when it is not."""
    protected: str | None
    """Why it is protected; None when it is not."""
    retired: bool
    tenant: str
    """Instance, allocation, owner or lessee that it is reserved for, in words."""
    owner: str
    automated_clean: bool | None
    last_error: str
    driver_info: Mapping[str, Any] = field(default_factory=dict)
    instance_info: Mapping[str, Any] = field(default_factory=dict)
    deploy_interface: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)

    @property
    def mark(self) -> Mapping[str, Any]:
        """What we wrote on it; empty when it is not ours."""
        found = self.extra.get(MARK)
        return found if isinstance(found, Mapping) else {}


def read_node(document: Mapping[str, Any]) -> Node:
    """From the API's JSON object; fields that are absent are taken as empty."""

    def text(name: str) -> str:
        return str(document.get(name) or "")

    return Node(
        uuid=text("uuid"),
        name=text("name"),
        driver=text("driver"),
        provision=text("provision_state"),
        target=text("target_provision_state"),
        changed=text("provision_updated_at"),
        power=_power(text("power_state")),
        turning=bool(document.get("target_power_state")),
        reservation=text("reservation"),
        maintenance=_why(document, "maintenance"),
        protected=_why(document, "protected"),
        retired=bool(document.get("retired")),
        tenant=_tenant(document),
        owner=text("owner"),
        automated_clean=document.get("automated_clean"),
        last_error=text("last_error"),
        driver_info=document.get("driver_info") or {},
        instance_info=document.get("instance_info") or {},
        deploy_interface=text("deploy_interface"),
        extra=document.get("extra") or {},
    )


def read_identity(inventory: Mapping[str, Any]) -> Identity:
    """Serial, UUID and MAC addresses as an inspection recorded them."""
    found = inventory.get("inventory") or {}
    vendor = found.get("system_vendor") or {}
    return Identity.of(
        str(vendor.get("serial_number") or ""),
        str(vendor.get("system_uuid") or ""),
        [str(each.get("mac_address") or "") for each in found.get("interfaces") or ()],
    )


def _power(text: str) -> PowerState:
    match text:
        case "power on":
            return "On"
        case "power off":
            return "Off"
        case _:
            return "unknown"


def _why(document: Mapping[str, Any], name: str) -> str | None:
    if not document.get(name):
        return None
    return str(document.get(f"{name}_reason") or "no reason is given")


def _tenant(document: Mapping[str, Any]) -> str:
    for name, words in (
        ("instance_uuid", "instance"),
        ("allocation_uuid", "allocation"),
        ("lessee", "lessee"),
    ):
        if document.get(name):
            return f"{words} {document[name]}"
    return ""

"""What a node's record should say for an intent, and what an image is deployed with. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from ruamel.yaml import YAML

from aifactory_iac.providers.backends.host_system import host_system
from aifactory_iac.providers.backends.ironic.node import MARK, Node
from aifactory_iac.providers.install.installation import Installation
from aifactory_iac.providers.install.links import Links
from aifactory_iac.providers.install.plan import content_digest
from aifactory_iac.providers.install.render import rendered
from aifactory_iac.providers.machine.intent import MachineIntent
from aifactory_iac.providers.secrets import Credentials

_KINDS = {"ramdisk": ("cloudinit",), "direct": ("cloudinit", "ignition")}


@dataclass(frozen=True, slots=True)
class Wishes:
    """How a machine is to be known to Ironic.

    `address` is the base URL of its BMC as the conductor reaches it; `verify` is `True`, `False` or
    the path of an authority on the conductor's machine; `deployer` is the URL of the ISO that the
    conductor boots to write an image, where its own settings name none.
    """

    address: str
    credentials: Credentials | None = field(repr=False, default=None)
    verify: bool | str = True
    deployer: str = ""

    def driver_info(self, system: str) -> dict[str, Any]:
        """The `driver_info` of a node; it holds the password."""
        found: dict[str, Any] = {
            "redfish_address": self.address,
            "redfish_verify_ca": self.verify,
        }
        if system:
            found["redfish_system_id"] = f"/redfish/v1/Systems/{system}"
        if self.credentials is not None:
            found["redfish_username"] = self.credentials.username
            found["redfish_password"] = self.credentials.password
        if self.deployer:
            found["deploy_iso"] = self.deployer
        return found


def new_node(intent: MachineIntent, wishes: Wishes, owner: str) -> dict[str, Any]:
    """The body that enrols a machine; it is never erased unless somebody changes that."""
    body: dict[str, Any] = {
        "name": intent.name,
        "driver": "redfish",
        "driver_info": wishes.driver_info(host_system(intent)),
        "automated_clean": False,
        "extra": {MARK: {"machine": intent.name, "enrolled": True}},
    }
    return body | ({"owner": owner} if owner else {})


def record_changes(
    node: Node, intent: MachineIntent, wishes: Wishes, *, password: bool
) -> list[dict[str, Any]]:
    """JSON Patch that makes the node's record say what it should; empty when it does.

    A masked secret is no difference; `password` sends it again, for a node whose BMC refused it.
    """
    found: list[dict[str, Any]] = []
    for name, value in sorted(wishes.driver_info(host_system(intent)).items()):
        seen = node.driver_info.get(name)
        if name == "redfish_password":
            if seen is None or password:
                found.append(_add(f"/driver_info/{name}", value))
        elif seen != value:
            found.append(_add(f"/driver_info/{name}", value))
    if any(each["path"] == "/driver_info/redfish_username" for each in found) and not any(
        each["path"] == "/driver_info/redfish_password" for each in found
    ):
        assert wishes.credentials is not None  # noqa: S101 - it has a user name
        found.append(_add("/driver_info/redfish_password", wishes.credentials.password))
    if node.automated_clean is not False:
        found.append(_add("/automated_clean", value=False))
    if node.mark.get("machine") != intent.name:
        found.append(_add(f"/extra/{MARK}", {**node.mark, "machine": intent.name}))
    return found


def other_bmc(node: Node, wishes: Wishes) -> str:
    """Why the node is not of this BMC; empty when it is."""
    seen = str(node.driver_info.get("redfish_address") or "")
    if not seen or _place(seen) == _place(wishes.address):
        return ""
    return (
        f"Ironic's node {node.name or node.uuid} has its BMC at {seen}, not at {wishes.address}: "
        "one of the two is wrong, or the machines were swapped"
    )


def method_of(install: Installation) -> str:
    """`ramdisk` for an ISO that the machine lives off, else `direct`: Ironic writes the disk."""
    return "ramdisk" if _is_iso(install) else "direct"


def undeployable(install: Installation) -> Iterator[str]:
    """Why Ironic cannot install this; nothing when it can."""
    method = method_of(install)
    if install.config.kind in _KINDS[method]:
        return
    if method == "ramdisk":
        # `prepare_instance` sets the CD-ROM as the persistent boot device for a ramdisk deploy
        # (ironic/drivers/modules/redfish/boot.py of 39.0.0).
        yield (
            "Ironic makes a machine boot an ISO at every power-on, so that an installer would "
            "install again each time: give a disk image (.qcow2 or .raw) with `cloudinit` or "
            "`ignition`, or an ISO that runs from memory with `cloudinit`"
        )
        return
    yield (
        f"Ironic writes a disk image as it is, and that reads no `{install.config.kind}`: use "
        "`cloudinit` or `ignition`"
    )


def instance_info(install: Installation, links: Links) -> dict[str, Any]:
    """What is deployed, by digest.

    Ironic measures a disk image before it writes it, and an ISO never: that one comes from the
    provisioning service, which has measured it.
    """
    digest = install.image.digest.removeprefix("sha256:")
    if _is_iso(install):
        return {"boot_iso": links.image(install.image)}
    info: dict[str, Any] = {
        "image_source": install.image.url,
        "image_os_hash_algo": "sha256",
        "image_os_hash_value": digest,
    }
    root = root_hints(install)
    return info | ({"root_device": root} if root else {})


def root_hints(install: Installation) -> dict[str, Any]:
    """Root device hints in Ironic's spelling."""
    root = install.root
    found: dict[str, Any] = {
        "name": root.name, "model": root.model, "serial": root.serial, "wwn": root.wwn,
        "rotational": root.rotational,
    }  # fmt: skip
    return {name: value for name, value in found.items() if value is not None}


def config_drive(install: Installation, links: Links) -> dict[str, Any]:
    """What the installed system is told, for the config drive that Ironic builds."""
    files = rendered(install, links)
    if install.config.kind == "ignition":
        return {"user_data": files["config.ign"].decode(), "meta_data": {}}
    meta = YAML(typ="safe").load(files["meta-data"].decode())
    return {"user_data": files["user-data"].decode(), "meta_data": meta}


def measured_by_us(install: Installation) -> bool:
    """Whether nobody but the provisioning service measures the image."""
    return _is_iso(install)


def deployment_changes(
    node: Node, install: Installation, links: Links, *, secure_boot: bool | None
) -> list[dict[str, Any]]:
    """JSON Patch that names what is to be deployed; empty when the node names it already."""
    wanted, mark = instance_info(install, links), _mark(node, install)
    if secure_boot is not None:
        # Ironic sets it while it deploys, and takes it back when it undeploys.
        wanted["capabilities"] = {"secure_boot": str(secure_boot).lower()}
    seen = {name: node.instance_info.get(name) for name in wanted}
    if seen == wanted and node.deploy_interface == method_of(install) and node.mark == mark:
        return []
    return [
        _add("/deploy_interface", method_of(install)),
        _add("/instance_info", wanted),
        _add(f"/extra/{MARK}", mark),
    ]


def deployed(node: Node) -> str:
    """Content digest of what an active node was deployed from by us; empty when unknown."""
    return str(node.mark.get("content") or "") if node.provision == "active" else ""


def deployed_image(node: Node) -> str:
    """Digest of the image of an active node, as far as we deployed it."""
    return str(node.mark.get("image") or "") if node.provision == "active" else ""


def unmarked(node: Node) -> list[dict[str, Any]]:
    """JSON Patch that takes our mark off."""
    return [{"op": "remove", "path": f"/extra/{MARK}"}] if node.mark else []


def _mark(node: Node, install: Installation) -> dict[str, Any]:
    return {**node.mark, "content": content_digest(install), "image": install.image.digest}


def _is_iso(install: Installation) -> bool:
    return install.image.filename.lower().endswith(".iso")


def _place(url: str) -> tuple[str, int | None]:
    parts = urlsplit(url if "://" in url else f"https://{url}")
    return (parts.hostname or "", parts.port)


def _add(path: str, value: Any) -> dict[str, Any]:
    return {"op": "add", "path": path, "value": value}

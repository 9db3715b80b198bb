"""A NoCloud seed for an image that runs cloud-init by itself."""

from __future__ import annotations

from typing import Any

from aifactory_iac.providers.install.cloud_init import CloudInit
from aifactory_iac.providers.install.installation import Installation
from aifactory_iac.providers.install.links import Links
from aifactory_iac.providers.install.render.netplan import netplan
from aifactory_iac.providers.install.render.scripts import call_script
from aifactory_iac.providers.install.render.text import yaml_text
from aifactory_iac.providers.install.render.user_data import (
    cloud_config,
    grub_arguments,
    proxy_files,
    write_files,
)

HEADER = "#cloud-config"


def cloud_init_files(wanted: Installation, document: CloudInit, links: Links) -> dict[str, bytes]:
    """user-data, meta-data, vendor-data and network-config.

    The instance id is that of the machine, so that a second boot of the same install does nothing.
    """
    name = wanted.machine.name
    return {
        "user-data": yaml_text(_user_data(wanted, document, links), header=HEADER),
        "meta-data": yaml_text({"instance-id": _instance(wanted), "local-hostname": name}),
        "vendor-data": f"{HEADER}\n{{}}\n".encode(),
        "network-config": yaml_text(netplan(document.network)),
    }


def _instance(wanted: Installation) -> str:
    machine, digest = wanted.machine, wanted.image.digest.removeprefix("sha256:")
    return f"{machine.uuid or machine.serial or machine.name}-{digest[:12]}"


def _user_data(wanted: Installation, document: CloudInit, links: Links) -> dict[str, Any]:
    found = cloud_config(document, wanted.machine.name)
    found["locale"] = document.locale
    files = dict(document.files) | grub_arguments(document.kernel) | proxy_files(document)
    if files:
        found["write_files"] = write_files(files)
    if document.proxy:
        proxies = {"http_proxy": document.proxy.http, "https_proxy": document.proxy.https}
        found["apt"] = {name: url for name, url in proxies.items() if url}
    found |= {
        "package_update": document.sources.update,
        "package_upgrade": document.sources.upgrade,
    }
    if document.packages:
        found["packages"] = list(document.packages)
    found["growpart"] = {"mode": "auto" if document.grow else "off", "devices": ["/"]}
    found["resize_rootfs"] = document.grow
    if document.mounts:
        found["mounts"] = [
            [mount.device, path, mount.filesystem, ",".join(mount.options), "0", "2"]
            for path, mount in sorted(document.mounts.items())
        ]
    if document.bootcmd:
        found["bootcmd"] = list(document.bootcmd)
    found["runcmd"] = [*document.runcmd, *_last(wanted, document, links)]
    return found


def _last(wanted: Installation, document: CloudInit, links: Links) -> list[list[str]]:
    commands = [["update-grub"]] if document.kernel else []
    ready = call_script(wanted, links, ("ready",)) + "call ready\n"
    return [*commands, ["sh", "-c", ready]]

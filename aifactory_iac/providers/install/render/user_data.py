"""The shared part of a document as cloud-config: for cloud-init, and for autoinstall's target."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from aifactory_iac.providers.install.node import File, Node, User


def cloud_config(node: Node, hostname: str) -> dict[str, Any]:
    """Identity, users, time, files and trust. Nobody can log in with a password, or as root."""
    found: dict[str, Any] = {
        "hostname": hostname,
        "preserve_hostname": False,
        "manage_etc_hosts": "localhost",
    }
    if node.domain:
        found |= {"fqdn": f"{hostname}.{node.domain}", "prefer_fqdn_over_hostname": False}
    found |= {
        "timezone": node.timezone,
        "users": [_user(name, user) for name, user in sorted(node.users.items())],
        "disable_root": True,
        "ssh_pwauth": False,
    }
    if node.ntp:
        found["ntp"] = {
            "enabled": True,
            "servers": list(node.ntp.servers),
            "pools": list(node.ntp.pools),
        }
    if node.trust:
        found["ca_certs"] = {"trusted": list(node.trust)}
    return found


def write_files(files: Mapping[str, File]) -> list[dict[str, Any]]:
    """cloud-config's `write_files`."""
    return [
        {"path": path, "content": file.text, "permissions": file.mode, "owner": file.owner}
        for path, file in sorted(files.items())
    ]


def grub_arguments(arguments: Sequence[str]) -> dict[str, File]:
    """The file that makes GRUB on Debian's family start the kernel with these arguments."""
    if not arguments:
        return {}
    line = " ".join(arguments)
    return {
        "/etc/default/grub.d/60-aifactory.cfg": File(
            text=f'GRUB_CMDLINE_LINUX="$GRUB_CMDLINE_LINUX {line}"\n'
        )
    }


def proxy_environment(node: Node) -> dict[str, str]:
    """The proxy as environment variables, in both spellings that programs look for."""
    if node.proxy is None:
        return {}
    values = {
        "http_proxy": node.proxy.http,
        "https_proxy": node.proxy.https or node.proxy.http,
        "no_proxy": ",".join(("localhost", "127.0.0.1", *list(node.proxy.exempt))),
    }
    given = {name: value for name, value in values.items() if value}
    return given | {name.upper(): value for name, value in given.items()}


def proxy_files(node: Node) -> dict[str, File]:
    """The proxy for everything that a service manager starts, and for logins."""
    environment = proxy_environment(node)
    if not environment:
        return {}
    text = "".join(f'{name}="{value}"\n' for name, value in sorted(environment.items()))
    unit = "".join(
        f'DefaultEnvironment="{name}={value}"\n' for name, value in sorted(environment.items())
    )
    return {
        "/etc/profile.d/aifactory-proxy.sh": File(
            text="".join(f"export {line}\n" for line in text.splitlines())
        ),
        "/etc/systemd/system.conf.d/60-aifactory-proxy.conf": File(text=f"[Manager]\n{unit}"),
    }


def _user(name: str, user: User) -> dict[str, Any]:
    found: dict[str, Any] = {"name": name, "lock_passwd": True, "shell": user.shell}
    if user.comment:
        found["gecos"] = user.comment
    if user.groups:
        found["groups"] = ", ".join(list(user.groups))
    if user.admin:
        found["sudo"] = "ALL=(ALL) NOPASSWD:ALL"
    if user.keys:
        found["ssh_authorized_keys"] = list(user.keys)
    return found

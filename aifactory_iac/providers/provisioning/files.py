"""The files of a provisioning service, all of them, from its typed value."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from aifactory_iac.providers.provisioning.dnsmasq import dnsmasq_config
from aifactory_iac.providers.provisioning.folder import to_json
from aifactory_iac.providers.provisioning.kea import kea_config
from aifactory_iac.providers.provisioning.kea_merge import part
from aifactory_iac.providers.provisioning.service import Service

KEA = "dhcp/kea-dhcp4.json"
DNSMASQ = "dhcp/dnsmasq.conf"
SERVICE = "service.json"
KEA_PART = "kea"
"""What the digest of our part of a running Kea stands under."""


def service_files(service: Service) -> dict[str, bytes]:
    """Name within a generation to bytes; the same service gives the same bytes."""
    return {
        KEA: to_json(kea_config(service)),
        DNSMASQ: dnsmasq_config(service).encode(),
        SERVICE: to_json(
            {
                "site": service.site,
                "domain": service.domain,
                "url": service.url,
                "networks": list(service.networks),
                "images": {
                    name: {"os": image.os, "digest": image.digest}
                    for name, image in service.images.items()
                    if image.digest is not None
                },
                "reservations": {
                    name: {"mac": one.mac, "address": one.address, "boot": one.boot}
                    for name, one in service.reservations.items()
                },
            }
        ),
    }


def wanted_digests(service: Service) -> dict[str, str]:
    """The digests that are seen when a service is in force, whole and unchanged."""
    found = digests(service_files(service))
    if service.target.kind == "kea":
        found[KEA_PART] = digest_of(to_json(part(kea_config(service)["Dhcp4"])))
    return found


def digests(files: Mapping[str, bytes]) -> dict[str, str]:
    """Digest of each file, as `sha256:` and hex."""
    return {name: digest_of(content) for name, content in sorted(files.items())}


def digest_of(content: bytes) -> str:
    """`sha256:` and hex."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"

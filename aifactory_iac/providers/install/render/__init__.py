"""From a wanted installation to the exact files that its machine fetches.

The same installation and the same links give the same bytes.
"""

from __future__ import annotations

from aifactory_iac.providers.install.installation import Installation
from aifactory_iac.providers.install.links import Links
from aifactory_iac.providers.install.render.autoinstall import autoinstall_files
from aifactory_iac.providers.install.render.boot import boot_files
from aifactory_iac.providers.install.render.cloud_init import cloud_init_files
from aifactory_iac.providers.install.render.ignition import ignition_files
from aifactory_iac.providers.install.render.kickstart import kickstart_files
from aifactory_iac.providers.install.render.seed_volume import iso9660


def rendered(wanted: Installation, links: Links) -> dict[str, bytes]:
    """Every file by its name below the machine's own folder.

    For an image that is inserted as a medium there is `seed.iso` too: a second medium that the
    installer finds by its label, CIDATA for cloud-init and autoinstall, OEMDRV for kickstart.
    """
    files = _documents(wanted, links) | boot_files(wanted, links)
    if wanted.image.media != "iso":
        return files
    label = "OEMDRV" if wanted.config.kind == "kickstart" else "CIDATA"
    return files | {"seed.iso": iso9660(label, files)}


def _documents(wanted: Installation, links: Links) -> dict[str, bytes]:
    config = wanted.config
    if config.autoinstall is not None:
        return autoinstall_files(wanted, config.autoinstall, links)
    if config.cloudinit is not None:
        return cloud_init_files(wanted, config.cloudinit, links)
    if config.kickstart is not None:
        return kickstart_files(wanted, config.kickstart, links)
    if config.ignition is not None:
        return ignition_files(wanted, config.ignition, links)
    raise ValueError("no install document")

"""One of the four install documents, under the key that says which."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar, Literal, get_args

from aifactory_iac.providers.install.autoinstall import Autoinstall, autoinstall_failures
from aifactory_iac.providers.install.cloud_init import CloudInit, cloud_init_failures
from aifactory_iac.providers.install.document import Document, joined
from aifactory_iac.providers.install.ignition import Ignition, ignition_failures
from aifactory_iac.providers.install.kickstart import Kickstart, kickstart_failures
from aifactory_iac.providers.resource import Failure

Kind = Literal["autoinstall", "cloudinit", "kickstart", "ignition"]
KINDS: tuple[Kind, ...] = get_args(Kind)

InstallDocument = Autoinstall | CloudInit | Kickstart | Ignition


class InstallConfig(Document):
    """Exactly one of the four."""

    native: ClassVar[Mapping[str, str]] = {"cloud-init": "cloudinit", "cloud-config": "cloudinit"}

    autoinstall: Autoinstall | None = None
    cloudinit: CloudInit | None = None
    kickstart: Kickstart | None = None
    ignition: Ignition | None = None

    @property
    def kind(self) -> Kind:
        """Which of the four it is; the first when there are several, which is a failure."""
        return next((kind for kind in KINDS if getattr(self, kind) is not None), KINDS[0])

    @property
    def document(self) -> InstallDocument:
        """The document itself. Raises ValueError when there is none, which is a failure too."""
        for found in (self.autoinstall, self.cloudinit, self.kickstart, self.ignition):
            if found is not None:
                return found
        raise ValueError("no install document")


def config_failures(config: InstallConfig, at: str) -> Iterator[Failure]:
    """What no single field shows, in the document that is there."""
    given = [kind for kind in KINDS if getattr(config, kind) is not None]
    if len(given) != 1:
        listed = ", ".join(f"`{kind}`" for kind in given or KINDS)
        do = "keep" if given else "give"
        yield Failure(
            at,
            f"takes one document, and has {len(given)}: {do} one of {listed}",
        )
    if config.autoinstall is not None:
        yield from autoinstall_failures(config.autoinstall, joined(at, "autoinstall"))
    if config.cloudinit is not None:
        yield from cloud_init_failures(config.cloudinit, joined(at, "cloudinit"))
    if config.kickstart is not None:
        yield from kickstart_failures(config.kickstart, joined(at, "kickstart"))
    if config.ignition is not None:
        yield from ignition_failures(config.ignition, joined(at, "ignition"))

"""Puts a provisioning service in force at its target: all of it, or what was there before.

In this order: the real programs read the files, images are fetched and measured, the files are
written beside those in force, Kea takes its part, and last the files take their place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from aifactory_iac.providers.install.outside import Checker, opinions
from aifactory_iac.providers.provisioning import generation
from aifactory_iac.providers.provisioning.control_agent import ControlAgent
from aifactory_iac.providers.provisioning.examining import refuse
from aifactory_iac.providers.provisioning.files import KEA_PART, digest_of, digests, service_files
from aifactory_iac.providers.provisioning.folder import Folder, to_json
from aifactory_iac.providers.provisioning.images import Images
from aifactory_iac.providers.provisioning.kea import kea_config
from aifactory_iac.providers.provisioning.kea_merge import held
from aifactory_iac.providers.provisioning.service import Service


@dataclass(frozen=True, slots=True)
class InForce:
    """What is in force: digest of each file, what each program said, how each image is."""

    digests: Mapping[str, str]
    checked: Mapping[str, str]
    images: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Deployment:
    """One target: its folder, and the control agent when Kea is set through one."""

    folder: Folder
    agent: ControlAgent | None
    checkers: Sequence[Checker]

    async def apply(self, service: Service, before: tuple[str, ...]) -> InForce:
        """Puts a service in force; `before` are the subnets that were ours until now.

        Raises:
            RefusedError: A program refuses a file; nothing was done.
            ImageError: An image is not what its digest names; nothing was done.
            KeaError: Kea does not hold its part; what was in force still is.
        """
        files = service_files(service)
        checked = await opinions(self.checkers, files)
        refuse(checked)
        images = await self._images(service)
        staged = generation.stage(self.folder, files)
        try:
            await self._enforce(service, before, staged)
        except BaseException:
            generation.discard(self.folder, staged)
            raise
        return InForce(
            digests=await self.look(service),
            checked={program: str(verdict) for program, verdict in sorted(checked.items())},
            images=images,
        )

    async def _enforce(self, service: Service, before: tuple[str, ...], staged: Path) -> None:
        if self.agent is None:
            generation.enforce(self.folder, staged)
            return
        running = await self.agent.hold(kea_config(service)["Dhcp4"], before)
        try:
            generation.enforce(self.folder, staged)
        except OSError:
            await self.agent.put_back(running)
            raise

    async def look(self, service: Service) -> dict[str, str]:
        """Digests of what is in force now, by file, and of Kea's part as it runs.

        Raises:
            KeaError: The control agent does not say.
        """
        found = digests(generation.in_force(self.folder))
        if self.agent is not None and found:
            running = await self.agent.running()
            found[KEA_PART] = digest_of(to_json(held(running, kea_config(service)["Dhcp4"])))
        return found

    async def withdraw(self, subnets: tuple[str, ...]) -> None:
        """Stops serving; images stay. Raises `KeaError`, with nothing withdrawn from the folder."""
        if self.agent is not None:
            await self.agent.release(subnets)
        generation.retire(self.folder)

    async def _images(self, service: Service) -> dict[str, str]:
        """What becomes of each image: `measured`, or why it is not served."""
        store, found = Images(self.folder), {}
        for name, image in sorted(service.images.items()):
            if image.digest is None:
                found[name] = "not served: it has no digest"
                continue
            if image.url is not None:
                await store.obtain(image.url, image.digest)
            opened = await store.open(image.digest)
            if opened is None:
                found[name] = f"not served: put it at images/{image.digest[7:]} or give its url"
                continue
            opened.file.close()
            found[name] = "measured"
        return found

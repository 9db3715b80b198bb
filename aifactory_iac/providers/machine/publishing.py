"""Installations that a machine can boot: published, heard of, withdrawn."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace

from aifactory_iac.providers.install.document import SecretReference
from aifactory_iac.providers.install.installation import Installation
from aifactory_iac.providers.machine.steps.step import World
from aifactory_iac.providers.provisioning.images import ImageError
from aifactory_iac.providers.provisioning.seeds import NotServedError, Seeds
from aifactory_iac.providers.secrets import SecretError


class PublishError(Exception):
    """An installation cannot be made bootable; the text is for the user."""


@dataclass(frozen=True, slots=True)
class Publishing:
    """The site's boot service, as far as there is one; `secret` reads a token's reference."""

    seeds: Seeds | None
    secret: Callable[[SecretReference], str]
    tell: Callable[[str], None]

    async def known(self, world: World, machine: str) -> World:
        """The world with what is published for a machine, and what the machine said of it."""
        seeds = self.seeds
        published = await asyncio.to_thread(seeds.live, machine) if seeds is not None else None
        if seeds is None or published is None:
            return world
        return replace(
            world,
            published=published,
            called=await asyncio.to_thread(seeds.called_back, published.token),
            written=await asyncio.to_thread(seeds.heard, published.token, "written") is not None,
        )

    async def publish(self, wanted: Installation | None) -> None:
        """Fetches and measures the image, then makes the installation bootable.

        Raises:
            PublishError: There is no service, the image is not to be had, or is another one.
        """
        if self.seeds is None or wanted is None:
            raise PublishError("is to be installed, and there is no provisioning service")
        try:
            token = self.secret(wanted.callback.token) if wanted.callback.token else None
            if token is not None:
                # What was said under the same token before was said of another installation.
                await asyncio.to_thread(self.seeds.forget, token)
            checked = await self.seeds.provide(wanted)
            await asyncio.to_thread(self.seeds.publish, wanted, token)
        except (NotServedError, ImageError, SecretError) as error:
            raise PublishError(str(error)) from None
        for program, verdict in checked.items():
            self.tell(f"its files, by {program}: {verdict}")

    async def withdraw(self, machine: str) -> None:
        """Nothing can be booted for the machine any more."""
        if self.seeds is None:
            return
        published = await asyncio.to_thread(self.seeds.live, machine)
        if published is not None:
            await asyncio.to_thread(self.seeds.withdraw, published.token)

"""The provider itself, for programs that set it up in code instead of in the stack's config."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi

from .package import PACKAGE, Secret, given, pinned


class Provider(pulumi.ProviderResource):
    """Settings of the plug-in, the same for all resources that are given this provider."""

    def __init__(
        self,
        resource_name: str,
        *,
        state_dir: pulumi.Input[str] | None = None,
        freeze: pulumi.Input[str] | None = None,
        site_ca: pulumi.Input[str] | None = None,
        parallel: pulumi.Input[int] | None = None,
        pace: pulumi.Input[float] | None = None,
        lab: pulumi.Input[str] | None = None,
        secrets: pulumi.Input[Secret[Mapping[str, str]]] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Registers the provider.

        Args:
            resource_name: Pulumi name.
            state_dir: Folder that keeps the journal of what was about to be done.
            freeze: File that, while it exists, forbids every write.
            site_ca: File with the certificate authority of the site, as PEM.
            parallel: Most machines and switches that are worked on at once, from 1 to 1024.
            pace: Factor from 0.001 to 1 that shortens every wait, for a lab that boots in no time.
            lab: File `lab.json` of a lab that stands in for the plant.
            secrets: Secrets of the store `pulumi-config`, by path.
            opts: Pulumi options.
        """
        super().__init__(
            PACKAGE,
            resource_name,
            given(
                {
                    "stateDir": state_dir,
                    "freeze": freeze,
                    "siteCa": site_ca,
                    "parallel": parallel,
                    "pace": pace,
                    "lab": lab,
                    "secrets": secrets,
                }
            ),
            pinned(opts),
        )

"""The operating system of one machine: from which image, by which document, on which disk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, NotRequired, TypedDict

import pulumi

from .hardware import Bmc, GroupApproval, ImagePart, RackedMachine, RootDevice, SecretReference
from .install_config import InstallConfig
from .package import given, pinned, token


class OsImage(TypedDict):
    """An image of an operating system or its installer; without a digest there is none."""

    os: str
    """Operating system."""
    url: str
    """Where it is fetched from: https, a file, or http inside the provisioning networks."""
    digest: str
    """Digest, `sha256:...`."""
    media: NotRequired[Literal["iso", "http", "pxe"]]
    """How a machine boots it: as virtual media, by its firmware over HTTP, or through iPXE."""
    kernel: NotRequired[ImagePart]
    """Kernel, for `http` and `pxe`."""
    initrd: NotRequired[ImagePart]
    """First file system, for `http` and `pxe`."""
    loader: NotRequired[ImagePart]
    """EFI program, for `http`."""


class Callback(TypedDict):
    """How an installed machine says that it is there."""

    url: NotRequired[str]
    """URL with `{token}` in it; the provisioning service when not given."""
    token: NotRequired[SecretReference]
    """Where the token is kept; one is made for each install when not given."""
    minutes: NotRequired[int]
    """How long an install may take, from 5 to 1440; 90 when not given."""


class OsInstallation(pulumi.CustomResource):
    """The operating system of one machine. Deleting it forgets it: power and disk stay."""

    def __init__(
        self,
        resource_name: str,
        *,
        site: pulumi.Input[str],
        name: pulumi.Input[str],
        machine: pulumi.Input[RackedMachine],
        bmc: pulumi.Input[Bmc],
        image: pulumi.Input[OsImage],
        config: pulumi.Input[InstallConfig],
        provisioning_server: pulumi.Input[str],
        root: pulumi.Input[RootDevice] | None = None,
        wipe: pulumi.Input[Literal["never", "metadata", "full"]] | None = None,
        disks: pulumi.Input[int] | None = None,
        system: pulumi.Input[str] | None = None,
        callback: pulumi.Input[Callback] | None = None,
        networks: pulumi.Input[Sequence[str]] | None = None,
        approval: pulumi.Input[GroupApproval] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Registers the installation.

        Args:
            resource_name: Pulumi name.
            site: Site that the machine stands at.
            name: Host name of the machine.
            machine: The machine, by its place.
            bmc: How its controller is reached.
            image: What it is installed from.
            config: What the installer is told.
            provisioning_server: Id of the server that it boots from.
            root: Which disk it is installed on; needed unless it has only one.
            wipe: What may be erased on that disk; `never` when not given.
            disks: How many disks it has; not known when not given.
            system: System id of the catalog.
            callback: How it says that it is there.
            networks: Provisioning networks, as CIDR: only inside them may it come by plain http.
            approval: Needed for a wipe, and for another image on a machine that has one.
            opts: Pulumi options.
        """
        super().__init__(
            token("OsInstallation"),
            resource_name,
            given(
                {
                    "site": site,
                    "name": name,
                    "machine": machine,
                    "bmc": bmc,
                    "image": image,
                    "config": config,
                    "provisioningServer": provisioning_server,
                    "root": root,
                    "wipe": wipe,
                    "disks": disks,
                    "system": system,
                    "callback": callback,
                    "networks": networks,
                    "approval": approval,
                },
                "status",
                "installed",
                "result",
            ),
            pinned(opts),
        )

    @property
    @pulumi.getter
    def status(self) -> pulumi.Output[str]:
        """State of the machine's life that it is in."""
        return pulumi.get(self, "status")  # type: ignore[no-any-return]

    @property
    @pulumi.getter
    def installed(self) -> pulumi.Output[str]:
        """Digest of the image that it said it was installed from; empty before."""
        return pulumi.get(self, "installed")  # type: ignore[no-any-return]

    @property
    @pulumi.getter
    def result(self) -> pulumi.Output[Mapping[str, Any]]:
        """What was found and done: serial, UUID, MAC addresses, last error, content digest."""
        return pulumi.get(self, "result")  # type: ignore[no-any-return]

"""Single machines: their settings, their firmware, and who may log in to their controllers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, NotRequired, TypedDict

import pulumi

from .hardware import Bmc, FirmwareComponent, GroupApproval, RackedMachine, SecretReference
from .node_group import GroupCluster
from .package import given, pinned, token


class BootOnce(TypedDict):
    """One boot from somewhere else; an event, not a state. Nothing is reset for it."""

    event: str
    """Name of the event: another name is another boot."""
    source: str
    """Boot source of the controller, such as `Cd`, `Pxe` or `UefiHttp`."""
    image: NotRequired[str]
    """Name of the image of `media` that `UefiHttp` boots."""


class MeasuredImage(TypedDict):
    """An image that is fetched and measured by us before a controller is told of it."""

    url: str
    """Where it is fetched from."""
    digest: str
    """Digest, `sha256:...`."""


class BmcAccount(TypedDict):
    """One account of a controller; its user name stands in its secret."""

    credentials: SecretReference
    """Where user and password are kept."""
    role: Literal["Administrator", "Operator", "ReadOnly"]
    """What it may do."""
    enabled: NotRequired[bool]
    """Whether it may log in; true when not given."""


class Machine(pulumi.CustomResource):
    """Settings of one machine. Deleting it detaches what we attached; power and disks stay."""

    def __init__(
        self,
        resource_name: str,
        *,
        site: pulumi.Input[str],
        name: pulumi.Input[str],
        machine: pulumi.Input[RackedMachine],
        bmc: pulumi.Input[Bmc],
        system: pulumi.Input[str] | None = None,
        owner: pulumi.Input[Literal["managed", "observed", "external"]] | None = None,
        power: pulumi.Input[Literal["On", "Off"]] | None = None,
        bios: pulumi.Input[Mapping[str, Any]] | None = None,
        secure_boot: pulumi.Input[bool] | None = None,
        boot_order: pulumi.Input[Sequence[str]] | None = None,
        boot_once: pulumi.Input[BootOnce] | None = None,
        media: pulumi.Input[Mapping[str, MeasuredImage]] | None = None,
        provisioning_server: pulumi.Input[str] | None = None,
        cluster: pulumi.Input[GroupCluster] | None = None,
        approval: pulumi.Input[GroupApproval] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Registers the machine.

        Args:
            resource_name: Pulumi name.
            site: Site that the machine stands at.
            name: Host name of the machine.
            machine: The machine, by its place.
            bmc: How its controller is reached.
            system: System id of the catalog.
            owner: Who decides about it: `managed` when not given; the others are only read.
            power: Power state that it is kept in; it is left as it is when not given.
            bios: BIOS attributes; those that are not named are left as they are.
            secure_boot: Whether UEFI secure boot is on; it is left as it is when not given.
            boot_order: Boot options that come first, by reference such as `Boot0003`.
            boot_once: One boot from somewhere else.
            media: Images that stay attached for as long as they are named here, by name.
            provisioning_server: Id of the server that serves them; needed for `media`.
            cluster: The cluster whose scheduler drains it.
            approval: Who allowed what no check allows by itself.
            opts: Pulumi options.
        """
        super().__init__(
            token("Machine"),
            resource_name,
            given(
                {
                    "site": site,
                    "name": name,
                    "machine": machine,
                    "bmc": bmc,
                    "system": system,
                    "owner": owner,
                    "power": power,
                    "bios": bios,
                    "secureBoot": secure_boot,
                    "bootOrder": boot_order,
                    "bootOnce": boot_once,
                    "media": media,
                    "provisioningServer": provisioning_server,
                    "cluster": cluster,
                    "approval": approval,
                },
                "status",
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
    def result(self) -> pulumi.Output[Mapping[str, Any]]:
        """What was found: serial, UUID, MAC addresses, power, declared settings, last error."""
        return pulumi.get(self, "result")  # type: ignore[no-any-return]


class FirmwareBaseline(pulumi.CustomResource):
    """Firmware of one machine. Deleting it forgets the baseline; firmware stays as it is."""

    def __init__(
        self,
        resource_name: str,
        *,
        site: pulumi.Input[str],
        name: pulumi.Input[str],
        machine: pulumi.Input[RackedMachine],
        bmc: pulumi.Input[Bmc],
        components: pulumi.Input[Sequence[FirmwareComponent]],
        system: pulumi.Input[str] | None = None,
        cluster: pulumi.Input[GroupCluster] | None = None,
        approval: pulumi.Input[GroupApproval] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Registers the baseline.

        Args:
            resource_name: Pulumi name.
            site: Site that the machine stands at.
            name: Host name of the machine.
            machine: The machine, by its place.
            bmc: How its controller is reached.
            components: Firmware components, in the order in which they are brought.
            system: System id of the catalog.
            cluster: The cluster whose scheduler drains it.
            approval: Who allowed what no check allows by itself.
            opts: Pulumi options.
        """
        super().__init__(
            token("FirmwareBaseline"),
            resource_name,
            given(
                {
                    "site": site,
                    "name": name,
                    "machine": machine,
                    "bmc": bmc,
                    "components": components,
                    "system": system,
                    "cluster": cluster,
                    "approval": approval,
                },
                "status",
                "versions",
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
    def versions(self) -> pulumi.Output[Mapping[str, str]]:
        """Version that runs, by component."""
        return pulumi.get(self, "versions")  # type: ignore[no-any-return]

    @property
    @pulumi.getter
    def result(self) -> pulumi.Output[Mapping[str, Any]]:
        """What was found: serial, UUID, MAC addresses, power, last error."""
        return pulumi.get(self, "result")  # type: ignore[no-any-return]


class BmcAccounts(pulumi.CustomResource):
    """Who may log in to one controller, and its certificate. Deleting it changes neither."""

    def __init__(
        self,
        resource_name: str,
        *,
        site: pulumi.Input[str],
        name: pulumi.Input[str],
        machine: pulumi.Input[RackedMachine],
        bmc: pulumi.Input[Bmc],
        accounts: pulumi.Input[Mapping[str, BmcAccount]] | None = None,
        factory: pulumi.Input[SecretReference] | None = None,
        alone: pulumi.Input[bool] | None = None,
        certificate: pulumi.Input[SecretReference] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Registers the accounts.

        Args:
            resource_name: Pulumi name.
            site: Site that the machine stands at.
            name: Host name of the machine.
            machine: The machine, by its place.
            bmc: How its controller is reached; its credentials are the administrator that we are.
            accounts: Other accounts, by a name of one's own.
            factory: What a new controller lets in; used once, then shut.
            alone: Whether every other account is switched off.
            certificate: Where certificate and key of its web server are kept, as PEM.
            opts: Pulumi options.
        """
        super().__init__(
            token("BmcAccounts"),
            resource_name,
            given(
                {
                    "site": site,
                    "name": name,
                    "machine": machine,
                    "bmc": bmc,
                    "accounts": accounts,
                    "factory": factory,
                    "alone": alone,
                    "certificate": certificate,
                },
                "users",
                "fingerprint",
                "settled",
                "stale",
            ),
            pinned(opts),
        )

    @property
    @pulumi.getter
    def users(self) -> pulumi.Output[Mapping[str, Any]]:
        """By user name: role, and whether it may log in."""
        return pulumi.get(self, "users")  # type: ignore[no-any-return]

    @property
    @pulumi.getter
    def fingerprint(self) -> pulumi.Output[str]:
        """SHA-256 of the certificate that the controller answers with."""
        return pulumi.get(self, "fingerprint")  # type: ignore[no-any-return]

    @property
    @pulumi.getter
    def settled(self) -> pulumi.Output[bool]:
        """Whether all was as declared when it was last looked at."""
        return pulumi.get(self, "settled")  # type: ignore[no-any-return]

    @property
    @pulumi.getter
    def stale(self) -> pulumi.Output[bool]:
        """Whether it could not be reached when it was last looked at."""
        return pulumi.get(self, "stale")  # type: ignore[no-any-return]

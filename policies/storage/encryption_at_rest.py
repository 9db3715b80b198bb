"""AIF-STO-001."""

from __future__ import annotations

from aifactory_iac.blueprint.model.storage import Tier
from aifactory_iac.policy import Checks, Context, Severity, failed, listed, passed, rule, value

_CLASSES = ("public", "internal", "confidential", "restricted")
_LUSTRE = "aws:fsx/lustreFileSystem:LustreFileSystem"
_TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"


@rule(
    id="AIF-STO-001",
    title="Data at rest is encrypted, with a customer key from a class on",
    severity=Severity.HIGH,
    zone="data-storage",
    controls=("soc2:CC6.1", "iso27001:A.8.24", "nist800-53:SC-28", "nist800-53:SC-12"),
    needs=("blueprint", "resources"),
    parameters={
        "customer_key_from": {
            "enum": list(_CLASSES),
            "default": "internal",
            "description": "Mildest class of data that asks for a key of one's own.",
        }
    },
)
def encryption_at_rest(factory: Context, *, customer_key_from: str) -> Checks:
    """Every tier is encrypted; tiers that hold data of a class use a customer key.

    With the provider's key, whoever may read the file may read the data; with one's own, reading is
    a second permission that is logged and can be taken away. Disks of nodes are held to it too.
    """
    for tier in factory.tiers.values():
        path = ("storage", "tiers", tier.name, "encryption")
        held = _strictest(factory, tier)
        if tier.encryption == "none":
            yield failed(
                path,
                "none",
                f"tier `{tier.name}` is not encrypted",
                hint="remove the line: a customer key is the default",
            )
        elif tier.encryption == "provider-key" and held >= _CLASSES.index(customer_key_from):
            yield failed(
                path,
                "provider-key",
                f"tier `{tier.name}` holds {_CLASSES[held]} data under the provider's key",
                hint="set `encryption: customer-key`",
                related=tuple(
                    ("storage", "datasets", d.name) for d in factory.datasets_on[tier.name]
                ),
            )
        else:
            yield passed(path)
    yield from _planned(factory)


def _planned(factory: Context) -> Checks:
    for system in factory.resources.of(_LUSTRE):
        tier = factory.tiers.get(str(system.origin[-1])) if system.origin else None
        asked = tier is None or tier.encryption == "customer-key"
        if asked and value(system, "kmsKeyId") is None:
            yield failed(
                system.origin,
                system.name,
                f"file system `{system.name}` is planned without a customer key",
                hint="give it `kmsKeyId`",
            )
        else:
            yield passed(system.origin, system.name)
    for template in factory.resources.of(_TEMPLATE):
        drives = listed(template, "blockDeviceMappings")
        plain = [
            str(value(drive, "deviceName"))
            for drive in drives
            if str(value(drive, "ebs", "encrypted")).lower() != "true"
            or value(drive, "ebs", "kmsKeyId") is None
        ]
        if plain:
            yield failed(
                template.origin,
                template.name,
                f"launch template `{template.name}` leaves {', '.join(plain)} without a customer "
                "key",
                hint='set `encrypted: "true"` and `kmsKeyId` on each drive',
            )
        elif drives:
            yield passed(template.origin, template.name)


def _strictest(factory: Context, tier: Tier) -> int:
    """Index of the strictest class on a tier; -1 where it holds no dataset."""
    held = factory.datasets_on.get(tier.name, ())
    return max((_CLASSES.index(dataset.data_class) for dataset in held), default=-1)

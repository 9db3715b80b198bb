"""Which module implements which resource type; a module is imported when its type is first used."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping

from aifactory_iac.providers.plugin.structure import near
from aifactory_iac.providers.resource import ProviderError, ResourceType

MODULES: Mapping[str, str] = {
    "aifactory:metal:BmcAccounts": "bmc_accounts",
    "aifactory:metal:Cluster": "cluster",
    "aifactory:metal:ClusterMembership": "cluster_membership",
    "aifactory:metal:FabricPartitions": "fabric_partitions",
    "aifactory:metal:FirmwareBaseline": "firmware_baseline",
    "aifactory:metal:Machine": "machine",
    "aifactory:metal:NodeGroup": "node_group",
    "aifactory:metal:OsInstallation": "os_installation",
    "aifactory:metal:ProvisioningServer": "provisioning_server",
    "aifactory:metal:SwitchConfig": "switch_config",
}
"""Type token → module of `providers/resources/`, which holds the type as `TYPE`."""

Types = Callable[[str], ResourceType]
"""Token → resource type. Raises `ProviderError` for one that there is not."""


def resource_type(token: str) -> ResourceType:
    """The implementation of a type. Raises `ProviderError` when there is none of that name."""
    if token not in MODULES:
        raise ProviderError(
            f"this version of aifactory has no resource type `{token}`{near(token, list(MODULES))}"
        )
    module = importlib.import_module(f"aifactory_iac.providers.resources.{MODULES[token]}")
    found: ResourceType = module.TYPE
    return found

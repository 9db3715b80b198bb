"""Bare metal as Pulumi resources: node groups, switches, provisioning servers, clusters.

Nested keys are single words, so that Python, JSON and the provider spell them alike; top-level
arguments are snake case here and camel case on the wire, as in every Pulumi SDK.
"""

from .cluster import (
    Cluster,
    ClusterMembership,
    ClusterNode,
    DrainPolicy,
    Reservation,
    SlurmPool,
    SlurmSwitch,
)
from .fabric import FabricPartitions, Partition, SwitchConfig, Tls
from .node_group import (
    Bmc,
    Boot,
    Disks,
    Image,
    NodeGroup,
    RackedMachine,
    Rollout,
    RootDevice,
    SecretReference,
)
from .package import PACKAGE, VERSION
from .provider import Provider
from .provisioning import AddressRange, BootImage, ProvisioningServer, ProvisioningSubnet

__all__ = [
    "PACKAGE",
    "VERSION",
    "AddressRange",
    "Bmc",
    "Boot",
    "BootImage",
    "Cluster",
    "ClusterMembership",
    "ClusterNode",
    "Disks",
    "DrainPolicy",
    "FabricPartitions",
    "Image",
    "NodeGroup",
    "Partition",
    "Provider",
    "ProvisioningServer",
    "ProvisioningSubnet",
    "RackedMachine",
    "Reservation",
    "Rollout",
    "RootDevice",
    "SecretReference",
    "SlurmPool",
    "SlurmSwitch",
    "SwitchConfig",
    "Tls",
]

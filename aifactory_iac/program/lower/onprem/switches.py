"""Desired state of switches from a network's design: ports by role, MTU, and QoS for RoCE.

QoS follows NVIDIA's one-command lossless RoCE profile (research 03, section 5): switch priority is
DSCP over 8, so that DSCP 26 falls into the lossless class 3 and DSCP 48 (congestion notices) into
the strict class 6; ECN marks between 150,000 and 1,500,000 bytes. SONiC's own default would put
DSCP 26 into a lossy class, so its tables are written out.

NVUE is spelled as NVIDIA's "NVUE reference" has it (set and unset commands, QoS): `min-threshold`
and `max-threshold` in bytes, `enable` for PFC and ECN, and yet `enabled` for `qos roce state`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from aifactory_iac.catalog.facts import Switch
from aifactory_iac.design.model import NetworkDesign

LOSSLESS = 3
NOTICES = 6
MARKS = (26, 48)
"""DSCP of RoCE traffic and of its congestion notices; the profile maps the others alike."""
_ECN = {"min": 150_000, "max": 1_500_000, "probability": 100}
CAGED = "Quantum-2"
"""Its ports are `1/<cage>/<port>`, two a cage (MLNX-OS user manual, "InfiniBand interface")."""
_PARTITION_KEYS = 0x7FFE
"""P_Keys from 1 up to this; 0x7fff is the default partition."""

_ROCE_QOS: Mapping[str, Any] = {
    "roce": {"state": "enabled", "mode": "lossless"},
    "mapping": {
        "default-global": {
            "trust": "l3",
            "dscp": {str(dscp): {"switch-priority": dscp // 8} for dscp in MARKS},
        }
    },
    "pfc": {"default-global": {"switch-priority": [LOSSLESS], "rx": "enable", "tx": "enable"}},
    "congestion-control": {
        "default-global": {
            "traffic-class": {
                str(LOSSLESS): {
                    "ecn": "enable",
                    "min-threshold": _ECN["min"],
                    "max-threshold": _ECN["max"],
                    "probability": _ECN["probability"],
                }
            }
        }
    },
    "egress-scheduler": {
        "default-global": {
            "traffic-class": {
                "0": {"mode": "dwrr", "bw-percent": 50},
                str(LOSSLESS): {"mode": "dwrr", "bw-percent": 50},
                str(NOTICES): {"mode": "strict"},
            }
        }
    },
}

_SONIC_QOS: Mapping[str, Any] = {
    "DSCP_TO_TC_MAP": {"AIFACTORY": {str(dscp): str(dscp // 8) for dscp in range(64)}},
    "TC_TO_QUEUE_MAP": {"AIFACTORY": {str(number): str(number) for number in range(8)}},
    "WRED_PROFILE": {
        "AIFACTORY_LOSSLESS": {
            "ecn": "ecn_all",
            "green_min_threshold": str(_ECN["min"]),
            "green_max_threshold": str(_ECN["max"]),
            "green_drop_probability": str(_ECN["probability"]),
        }
    },
    "PORT_QOS_MAP": {
        "*": {
            "dscp_to_tc_map": "AIFACTORY",
            "tc_to_queue_map": "AIFACTORY",
            "pfc_enable": str(LOSSLESS),
            "pfcwd_sw_enable": str(LOSSLESS),
        }
    },
}


def operating_system(switch: Switch) -> str:
    """`mlnx-os` for InfiniBand, `nvue` for NVIDIA's Ethernet, `sonic` for the others."""
    if switch.fabric == "infiniband":
        return "mlnx-os"
    return "nvue" if switch.vendor == "nvidia" else "sonic"


def tiers(network: NetworkDesign, switch: Switch) -> dict[str, dict[str, Any]]:
    """Switch names and shared configuration by role; roles without switches are left out."""
    counts = {
        "leaf": network.switches.leaf,
        "spine": network.switches.spine,
        "core": network.switches.core,
    }
    found: dict[str, dict[str, Any]] = {}
    start = 0
    for role, count in counts.items():
        if count:
            names = network.switch_names[start : start + count]
            found[role] = {"switches": tuple(names), "config": _config(network, switch, role)}
        start += count
    return found


def partition_keys(tenants: Iterable[str]) -> Mapping[str, str]:
    """P_Keys of all tenants that need one somewhere, so that a key is the same on every network."""
    keys: dict[str, str] = {}
    for tenant in sorted(tenants):
        keys[tenant] = partition_key(tenant, keys.values())
    return keys


def partition_key(tenant: str, taken: Iterable[str] = ()) -> str:
    """A P_Key that follows from the tenant's name alone, unless `taken` already holds it."""
    used = set(taken)
    for attempt in range(_PARTITION_KEYS):
        digest = hashlib.sha256(f"{tenant}:{attempt}".encode()).digest()
        key = f"0x{int.from_bytes(digest[:4], 'big') % _PARTITION_KEYS + 1:04x}"
        if key not in used:
            return key
    raise ValueError("an InfiniBand subnet has no more than 32,766 partitions")


def _config(network: NetworkDesign, switch: Switch, role: str) -> dict[str, Any]:
    system = operating_system(switch)
    if system == "mlnx-os":
        ports = _spans(network, switch, role)
        return {
            "ib": {
                "mtu": network.mtu,
                "ports": {use: _slots(switch, *span) for use, span in ports.items()},
            }
        }
    roce = network.technology == "ethernet-roce"
    if system == "sonic":
        return {
            "PORT": {"*": {"admin_status": "up", "mtu": str(network.mtu)}},
            **(_SONIC_QOS if roce else {}),
        }
    interface = {
        _range("swp", *span): {
            "description": use,
            "link": {"state": {"up": {}}, "mtu": network.mtu, **_breakout(network, switch)},
        }
        for use, span in _spans(network, switch, role).items()
    }
    return {"interface": interface, **({"qos": _ROCE_QOS} if roce else {})}


def _spans(network: NetworkDesign, switch: Switch, role: str) -> dict[str, tuple[int, int]]:
    """First and last cage by what they lead to: down from the first cage, up to the last."""
    per_cage = _per_cage(network, switch)
    cages = switch.cages
    if role == "leaf":
        down, up = -(-network.leaf_down // per_cage), -(-network.leaf_up // per_cage)
        down = min(down, cages - up)
    elif role == "spine" and network.tiers > 2:
        down = up = cages // 2
    else:
        down, up = cages, 0
    below = "hosts" if role == "leaf" else {"spine": "leaves", "core": "spines"}[role]
    above = {"leaf": "spines", "spine": "cores"}.get(role, "")
    spans = {below: (1, down), above: (cages - up + 1, cages)}
    return {use: span for use, span in spans.items() if use and span[0] <= span[1]}


def _range(prefix: str, first: int, last: int) -> str:
    return f"{prefix}{first}-{last}" if first < last else f"{prefix}{first}"


def _slots(switch: Switch, first: int, last: int) -> str:
    """Ports of cages as MLNX-OS names them; Quantum-2 alone has a level for the cage."""
    if switch.asic != CAGED:
        return _range("1/", first, last)
    return ",".join(
        _range(f"1/{cage}/", 1, switch.ports_per_cage) for cage in range(first, last + 1)
    )


def _per_cage(network: NetworkDesign, switch: Switch) -> int:
    """Logical ports of one cage at the network's speed."""
    return max(1, switch.radix.get(network.port_gbps, switch.cages) // switch.cages)


def _breakout(network: NetworkDesign, switch: Switch) -> dict[str, Any]:
    per_cage = _per_cage(network, switch)
    return {"breakout": {f"{per_cage}x": {}}} if per_cage > 1 else {}

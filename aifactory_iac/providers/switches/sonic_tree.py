"""A declared configuration as SONiC's CONFIG_DB, and a change of it as a JSON patch (RFC 6902)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aifactory_iac.providers.switches.errors import RefusedError
from aifactory_iac.providers.switches.tree import Goal, Tree, after

ANY = "*"
"""Stands for every port that the switch has."""
_METADATA = "DEVICE_METADATA"

TABLES = (
    "ACL_RULE",
    "ACL_TABLE",
    "ACL_TABLE_TYPE",
    "BGP_DEVICE_GLOBAL",
    "BGP_GLOBALS",
    "BGP_NEIGHBOR",
    "BGP_PEER_RANGE",
    "BREAKOUT_CFG",
    "BUFFER_PG",
    "BUFFER_POOL",
    "BUFFER_PROFILE",
    "BUFFER_QUEUE",
    "CABLE_LENGTH",
    "COPP_GROUP",
    "CRM",
    "DEVICE_METADATA",
    "DEVICE_NEIGHBOR",
    "DEVICE_NEIGHBOR_METADATA",
    "DNS_NAMESERVER",
    "DSCP_TO_TC_MAP",
    "FEATURE",
    "FLEX_COUNTER_TABLE",
    "INTERFACE",
    "LLDP",
    "LOOPBACK_INTERFACE",
    "MAP_PFC_PRIORITY_TO_QUEUE",
    "MGMT_INTERFACE",
    "MGMT_VRF_CONFIG",
    "MTU",
    "NTP",
    "NTP_SERVER",
    "PFC_WD",
    "PORT",
    "PORTCHANNEL",
    "PORTCHANNEL_INTERFACE",
    "PORTCHANNEL_MEMBER",
    "PORT_QOS_MAP",
    "QUEUE",
    "SCHEDULER",
    "SNMP",
    "STATIC_ROUTE",
    "SYSLOG_SERVER",
    "TC_TO_PRIORITY_GROUP_MAP",
    "TC_TO_QUEUE_MAP",
    "VLAN",
    "VLAN_INTERFACE",
    "VLAN_MEMBER",
    "VRF",
    "VXLAN_EVPN_NVO",
    "VXLAN_TUNNEL",
    "VXLAN_TUNNEL_MAP",
    "WRED_PROFILE",
)
"""Tables that a declaration may have (sonic-buildimage, `src/sonic-yang-models`)."""


def normalised(config: Mapping[str, Any], running: Tree) -> dict[str, Any]:
    """The tree as CONFIG_DB keeps it: `*` is every port, values are text, the name is metadata.

    Raises:
        RefusedError: `*` stands in a table, and the switch has no ports.
    """
    tree = {
        table: _rows(table, rows, running) for table, rows in config.items() if table != "system"
    }
    hostname = config.get("system", {}).get("hostname")
    if hostname:
        localhost = dict(tree.get(_METADATA, {}).get("localhost", {}))
        rows = {**tree.get(_METADATA, {}), "localhost": {**localhost, "hostname": str(hostname)}}
        tree[_METADATA] = rows
    return tree


def _rows(table: str, rows: Mapping[str, Any], running: Tree) -> dict[str, Any]:
    written = {name: _text(row) for name, row in rows.items() if name != ANY}
    if ANY not in rows:
        return written
    ports = running.get("PORT", {})
    if not ports:
        raise RefusedError(f"`{table}` is declared for every port, and the switch has none")
    shared = _text(rows[ANY])
    return {
        **{port: {**shared, **written.get(port, {})} for port in ports},
        **_others(written, ports),
    }


def _others(written: Mapping[str, Any], ports: Mapping[str, Any]) -> dict[str, Any]:
    return {name: row for name, row in written.items() if name not in ports}


def _text(value: Any) -> Any:
    """CONFIG_DB holds text and lists of text."""
    if isinstance(value, Mapping):
        return {str(name): _text(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [str(item) for item in value]
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def patch(goal: Goal, running: Tree) -> list[dict[str, Any]]:
    """The steps to the goal. A table that would be left empty goes as a whole.

    `config apply-patch` refuses a patch that leaves an empty table (generic_updater.py).
    """
    target = {
        table: rows for table, rows in after(running, goal.edit(running)).items() if rows != {}
    }
    return list(_steps(running, target, ""))


def _steps(found: Tree, target: Tree, at: str) -> list[dict[str, Any]]:
    steps: list[dict[str, Any]] = []
    for name in sorted(found.keys() | target.keys()):
        path = f"{at}/{_pointer(name)}"
        there, wanted = found.get(name), target.get(name)
        if name not in target:
            steps.append({"op": "remove", "path": path})
        elif name not in found:
            steps.append({"op": "add", "path": path, "value": wanted})
        elif isinstance(there, Mapping) and isinstance(wanted, Mapping):
            steps.extend(_steps(there, wanted, path))
        elif there != wanted:
            steps.append({"op": "replace", "path": path, "value": wanted})
    return steps


def _pointer(name: str) -> str:
    """A name in a JSON pointer (RFC 6901)."""
    return name.replace("~", "~0").replace("/", "~1")

"""Who may reach a public API: Kubernetes has no such list, so the servers' own firewall has it."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

SITE = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7", "fe80::/10")
"""Private addresses are the site's own: its nodes, and the pods and services on them."""


def nftables(ports: Sequence[int], allowed: Sequence[str]) -> str:
    """A table of its own that drops the API's ports for all others, and touches nothing else."""
    # Together, since sets of nftables refuse networks that overlap.
    networks = [ipaddress.ip_network(each) for each in (*SITE, *allowed)]
    lines = ["table inet aifactory_api", "delete table inet aifactory_api", ""]
    lines += ["table inet aifactory_api {", "  chain input {"]
    lines += ["    type filter hook input priority filter - 5; policy accept;"]
    lines += ['    iifname "lo" accept']
    listed = ", ".join(map(str, sorted(set(ports))))
    fourth = [each for each in networks if isinstance(each, ipaddress.IPv4Network)]
    sixth = [each for each in networks if isinstance(each, ipaddress.IPv6Network)]
    merged = {
        "ip": map(str, ipaddress.collapse_addresses(fourth)),
        "ip6": map(str, ipaddress.collapse_addresses(sixth)),
    }
    for family, each in merged.items():
        lines += [f"    tcp dport {{ {listed} }} {family} saddr {{ {', '.join(each)} }} accept"]
    lines += [f"    tcp dport {{ {listed} }} drop", "  }", "}"]
    return "\n".join(lines) + "\n"

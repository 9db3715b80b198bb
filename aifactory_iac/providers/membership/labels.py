"""The syntax of Kubernetes labels, taints and node names, told before a server would refuse them.

The rules are those of `k8s.io/apimachinery/pkg/util/validation`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")

KUBELETS_OWN = frozenset(
    {
        "kubernetes.io/hostname",
        "kubernetes.io/os",
        "kubernetes.io/arch",
        "beta.kubernetes.io/os",
        "beta.kubernetes.io/arch",
    }
)
"""Labels that a kubelet sets again whenever it starts: two would write against each other."""

_NAME = re.compile(r"[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?")
_SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")


def key_problem(key: str) -> str:
    """What is wrong with the key of a label or taint; empty when nothing is."""
    prefix, slash, name = key.rpartition("/")
    if slash and (len(prefix) > 253 or not _SUBDOMAIN.fullmatch(prefix)):
        return f"has {key!r}, whose part before the slash is no DNS name in lower case"
    if not _NAME.fullmatch(name):
        return (
            f"has {key!r}, which is no label key: 1 to 63 letters, digits, `-`, `_` or `.`, "
            "beginning and ending with a letter or digit"
        )
    if key in KUBELETS_OWN:
        return f"has {key!r}, which the kubelet sets itself"
    return ""


def value_problem(value: str) -> str:
    """What is wrong with the value of a label or taint; empty when nothing is."""
    if value and not _NAME.fullmatch(value):
        return (
            f"has {value!r}, which is no label value: at most 63 letters, digits, `-`, `_` or `.`, "
            "beginning and ending with a letter or digit"
        )
    return ""


def taint_problem(text: str) -> str:
    """What is wrong with `key=value:effect` or `key:effect`; empty when nothing is."""
    left, colon, effect = text.rpartition(":")
    if not colon or effect not in EFFECTS:
        return f"has {text!r}, which does not end in {', '.join(f':{each}' for each in EFFECTS)}"
    key, _, value = left.partition("=")
    if key.startswith("node.kubernetes.io/"):
        return f"has {key!r}, which the node controller sets itself"
    return key_problem(key) or value_problem(value)


def node_problem(name: str) -> str:
    """What is wrong with a node's name; empty when nothing is."""
    if len(name) > 253 or not _SUBDOMAIN.fullmatch(name):
        return f"has {name!r}, which is no host name in lower case"
    return ""


def twice(taints: Iterable[str]) -> tuple[str, ...]:
    """Taints whose key and effect were there before: a node can have only one of them."""
    seen: set[tuple[str, str]] = set()
    found = []
    for text in taints:
        left, _, effect = text.rpartition(":")
        same = (left.partition("=")[0], effect)
        if same in seen:
            found.append(text)
        seen.add(same)
    return tuple(found)

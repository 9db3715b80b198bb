"""Where the programs of a cluster are, and how to get those that are not."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Mapping

BIN = "AIFACTORY_LAB_BIN"
"""Environment variable: a folder that is looked in before `PATH`."""

KUBERNETES = ("etcd", "kube-apiserver")
CONTROLLERS = ("kube-controller-manager", "kube-scheduler", "kwok")
SLURM = ("munged", "slurmctld", "slurmd", "scontrol", "sinfo")

_WAYS = {
    **dict.fromkeys(
        (*KUBERNETES, *CONTROLLERS), f"put a build of it on PATH or in the folder {BIN}"
    ),
    **dict.fromkeys(SLURM, "install the Debian packages slurm-wlm and munge"),
}

_WITHOUT = {
    "kube-controller-manager": "disruption budgets are not computed and nothing is made anew",
    "kube-scheduler": "pods stay where they are put",
    "kwok": "the lab keeps its nodes alive itself",
}


def find(name: str) -> str | None:
    """The program's path; None when it is not there."""
    system = f"{os.environ.get('PATH', '')}{os.pathsep}/usr/sbin"
    own = os.environ.get(BIN)
    return shutil.which(name, path=f"{own}{os.pathsep}{system}" if own else system)


def found(names: Iterable[str]) -> Mapping[str, str]:
    """Paths of those that are there, by name."""
    return {name: path for name in names if (path := find(name)) is not None}


def absence(name: str) -> str:
    """What to say of a program that is not there."""
    without = f"; {_WITHOUT[name]}" if name in _WITHOUT else ""
    return f"{name} is not installed ({_WAYS[name]}){without}"

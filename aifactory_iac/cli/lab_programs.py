"""What of a lab's surroundings is on this machine: optional packages, other people's programs."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from aifactory_iac.lab.boot.host_files import DEBIAN
from aifactory_iac.lab.clusters.programs import find
from aifactory_iac.lab.extra import INSTALL

PACKAGES = (
    ("sushy-tools", "`lab up`: controllers that speak Redfish"),
    ("moto", "`lab up`: AWS"),
)
_ON_PATH = "put a build of it on PATH or in the folder AIFACTORY_LAB_BIN"
PROGRAMS = (
    (("etcd", "--version"), "`lab up`: what an API server keeps its state in", _ON_PATH),
    (("kube-apiserver", "--version"), "`lab up`: a real Kubernetes API", _ON_PATH),
    (("kwok", "--version"), "`lab up`: nodes and pods that come and go by themselves", _ON_PATH),
    (
        ("slurmctld", "-V"),
        "`lab up`: a real Slurm controller",
        "apt-get install slurm-wlm munge",
    ),
    (
        ("qemu-system-x86_64", "--version"),
        "`lab up --boot`: a machine that truly boots",
        f"apt-get install {' '.join(DEBIAN)}",
    ),
    (
        ("kea-dhcp4", "-V"),
        "a second opinion on generated DHCP configuration",
        "apt-get install kea-dhcp4-server",
    ),
    (
        ("dnsmasq", "--version"),
        "a second opinion on generated DHCP and boot configuration",
        "apt-get install dnsmasq-base",
    ),
    (
        ("cloud-init", "--version"),
        "a second opinion on generated cloud-init and autoinstall files",
        "apt-get install cloud-init",
    ),
    (
        ("ignition-validate", "-version"),
        "a second opinion on generated Ignition files",
        "apt-get install ignition",
    ),
)

Answer = Callable[[str, tuple[str, ...]], str]
"""Path of a program, and arguments, to the version that it says it is."""


def parts(version: Callable[[str], str], answer: Answer) -> Iterator[tuple[str, str, str, str]]:
    """Name, version (empty where it is missing), what it gives, how to get it."""
    for package, gives in PACKAGES:
        yield package, version(package), gives, INSTALL
    for (program, *arguments), gives, get in PROGRAMS:
        path = find(program)
        yield program, answer(path, tuple(arguments)) if path else "", gives, get

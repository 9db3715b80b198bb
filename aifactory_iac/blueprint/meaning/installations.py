"""Installations of one's own machines: an image that is measured, booted by a way that it has."""

from __future__ import annotations

from collections.abc import Iterator

from aifactory_iac.blueprint.installers import FAMILIES, installer_of
from aifactory_iac.blueprint.meaning.view import View
from aifactory_iac.blueprint.model.compute import Image, Install, Pool, RootDisk
from aifactory_iac.blueprint.rules import found
from aifactory_iac.blueprint.suggest import listing
from aifactory_iac.findings import Finding, Path

_PARTS = {"media": (), "http": ("kernel", "initrd", "loader"), "pxe": ("kernel", "initrd")}
"""What an image needs beside itself to be booted by a method."""


def installation_findings(view: View) -> Iterator[Finding]:
    """Findings on the installation of every pool that has one."""
    for pool in view.blueprint.compute:
        install = pool.install
        if install is None or view.is_aws(pool.site):
            continue
        if pool.image is None:
            message = f"`{pool.name}` is installed, and no `image` says with what"
            hint = "add `image: {os: ubuntu-24.04, digest: ..., url: ...}`"
            yield found("109", message, _at(pool), hint=hint)
        else:
            yield from _image(pool, pool.image)
            yield from _way(pool, pool.image, install)
        if pool.bmc is None:
            message = f"`{pool.name}` is installed, and no `bmc` says how its machines are reached"
            yield found("109", message, _at(pool), hint="add `bmc: {credentials: ...}`")
        if not any(user.keys for user in install.users):
            message = f"no account of `{pool.name}` has a key, so that nobody could log in"
            hint = "give one `keys` with a public SSH key"
            yield found("109", message, _at(pool, "users"), hint=hint)
        yield from _root(pool, install)


def _at(pool: Pool, *rest: str) -> Path:
    return ("compute", pool.name, "install", *rest)


def _image(pool: Pool, image: Image) -> Iterator[Finding]:
    at: Path = ("compute", pool.name, "image")
    for key, why in (
        ("digest", "nothing is booted unmeasured"),
        ("url", "it has to be fetched from somewhere"),
    ):
        if getattr(image, key) is None:
            message = f"the image of `{pool.name}` has no `{key}`, and {why}"
            yield found("109", message, at, hint=f"add `{key}`, or drop `install`")
    if installer_of(image.os) is None:
        message = f"`{image.os}` has no installer that is known here"
        hint = f"its name begins with one of {listing(sorted(FAMILIES))}"
        yield found("109", message, (*at, "os"), hint=hint)


def _way(pool: Pool, image: Image, install: Install) -> Iterator[Finding]:
    lacking = [key for key in _PARTS[install.method] if getattr(image, key) is None]
    if lacking:
        message = (
            f"to boot by `{install.method}` the image of `{pool.name}` lacks {listing(lacking)}"
        )
        hint = "add each with `url` and `digest`, or boot by `media`"
        yield found("109", message, _at(pool, "method"), hint=hint)
    installer = installer_of(image.os)
    if install.method == "media":
        given = [key for key in _PARTS["http"] if getattr(image, key) is not None]
        if given:
            message = f"a medium brings its own {listing(given)}, and it is booted by `media`"
            path: Path = ("compute", pool.name, "image", given[0])
            yield found("109", message, path, hint="drop them, or boot by `http` or `pxe`")
        if installer == "ignition":
            message = f"`{image.os}` is told of its Ignition document on the kernel's line"
            yield found("109", message, _at(pool, "method"), hint="boot it by `http` or `pxe`")
    elif installer == "kickstart" and install.source is None:
        message = f"without a medium `{image.os}` has nothing to install from"
        yield found("109", message, _at(pool), hint="add `source`, the URL of its tree")
    if install.source is not None and installer not in (None, "kickstart"):
        message = f"`source` is for RHEL and its like, and the nodes run `{image.os}`"
        yield found("109", message, _at(pool, "source"), hint="drop the key")


def _root(pool: Pool, install: Install) -> Iterator[Finding]:
    disk = install.root or RootDisk()
    given = (disk.model, disk.serial, disk.wwn, disk.at_least, disk.at_most)
    if install.disks != 1 and all(each is None for each in given):
        message = f"nothing says which disk of a machine of `{pool.name}` the image goes to"
        hint = "add `root: {model: ...}`, or `disks: 1` where there is only one"
        yield found("109", message, _at(pool), hint=hint)
    least, most = disk.at_least, disk.at_most
    if least is not None and most is not None and least.base > most.base:
        message = f"no disk has both at least `{least.text}` and at most `{most.text}`"
        yield found("109", message, _at(pool, "root", "at_most"), hint="swap the two")
    alone = pool.count == 1
    for key in ("serial", "wwn"):
        if getattr(disk, key) is not None and not alone:
            message = f"only one machine has a disk of that `{key}`, and `{pool.name}` has more"
            yield found("109", message, _at(pool, "root", key), hint="tell it by `model` or size")

"""Who a machine is: what tells it from every other."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from aifactory_iac.providers.install.document import Document
from aifactory_iac.providers.install.scalars import Address4, Hostname, Mac, Unordered

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def _uuid(value: str) -> str:
    plain = value.strip().lower()
    if not _UUID.fullmatch(plain):
        raise ValueError("is no UUID")
    return plain


def _serial(value: str) -> str:
    if not re.fullmatch(r"[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?", value.strip()):
        raise ValueError("is no serial number")
    return value.strip()


Uuid = Annotated[str, AfterValidator(_uuid)]
Serial = Annotated[str, AfterValidator(_serial)]


class Target(Document):
    """The machine, by everything that tells it from another; `disks` is how many it has."""

    name: Hostname
    serial: Serial | None = None
    uuid: Uuid | None = None
    macs: Unordered[Mac] = ()
    address: Address4 | None = None
    disks: Annotated[int, Field(strict=True, ge=0)] | None = None


def uuid_spellings(uuid: str) -> tuple[str, ...]:
    """The UUID, and the same with its first three parts in the other byte order.

    SMBIOS before 2.6 stored them little-endian, and firmware and kernels still disagree. What a
    controller calls its UUID and is none is spelled in one way.
    """
    plain = uuid.strip().lower()
    if not _UUID.fullmatch(plain):
        return (plain,)
    parts = plain.split("-")
    turned = [bytes.fromhex(part)[::-1].hex() for part in parts[:3]]
    return plain, "-".join([*turned, *parts[3:]])

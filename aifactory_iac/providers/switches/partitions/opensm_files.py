"""opensm's files: `partitions.conf` and the options that belong to it (manual page opensm(8))."""

from __future__ import annotations

import re
from collections.abc import Sequence

from aifactory_iac.providers.switches.partitions.declared import DEFAULT_PKEY, guid
from aifactory_iac.providers.switches.partitions.manager import Held
from aifactory_iac.providers.switches.partitions.members import Partition

PARTITIONS = "partitions.conf"
OPTIONS = "opensm.conf"
_HEAD = "# Kept by aifactory: what is changed here by hand is lost.\n"

_RULE = re.compile(
    r"(?P<name>[^=,:;\s]+)\s*=\s*(?P<pkey>0x[0-9a-fA-F]+)(?P<flags>[^:;]*):(?P<members>[^;]*);"
)


def partitions_conf(partitions: Sequence[Partition]) -> str:
    """The default partition first, then the others by name.

    Where the default partition is limited, only the subnet manager and the switches are full
    members of it: ports reach them, and not each other.
    """
    default = next((each for each in partitions if each.is_default), None)
    limited = default is not None and default.membership == "limited"
    everybody = "ALL=limited,ALL_SWITCHES=full,SELF=full" if limited else "ALL=full"
    text = f"{_HEAD}Default=0x{DEFAULT_PKEY:04x},ipoib:{everybody};\n"
    for each in partitions:
        if not each.is_default:
            members = ",\n    ".join(f"{port}={each.membership}" for port in each.guids)
            inside = f"\n    {members}" if members else ""
            text += f"{each.name}=0x{each.pkey:04x},ipoib,defmember={each.membership}:{inside};\n"
    return text


def opensm_conf(routing: str, partitions_file: str) -> str:
    """Only what we declare; opensm has a default for everything else."""
    return (
        f"{_HEAD}routing_engine {routing}\npartition_config_file {partitions_file}\n"
        "part_enforce both\n"
    )


def held(partitions: str | None, options: str | None) -> Held:
    """What the files say; a file that is not there says nothing."""
    pkeys: dict[int, dict[str, str]] = {}
    for rule in _RULE.finditer(re.sub(r"#.*", "", partitions or "")):
        default = re.search(r"defmember\s*=\s*(\w+)", rule["flags"])
        fallback = default[1] if default else "limited"
        members: dict[str, str] = {}
        for entry in filter(None, (each.strip() for each in rule["members"].split(","))):
            port, _, kind = entry.partition("=")
            name = guid(port) if port.strip().startswith("0x") else port.strip()
            members[name.strip()] = kind.strip() or fallback
        pkeys[int(rule["pkey"], 16) & 0x7FFF] = members
    engine = re.search(r"^routing_engine\s+(\S+)", options or "", re.MULTILINE)
    return Held(pkeys, routing=engine[1] if engine else None)

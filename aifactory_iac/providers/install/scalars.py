"""The texts that documents are made of: names, addresses, digests, sizes, commands."""

from __future__ import annotations

import base64
import binascii
import ipaddress
import re
from collections.abc import Callable
from typing import Annotated, Any, TypeVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, Strict

from aifactory_iac.providers.install.literal_secrets import secret_in

_URL = re.compile(r"[A-Za-z0-9:/?#\[\]@!&()*+,;=._~%-]+")
"""No quotes, spaces or dollars: URLs stand in shell, kernel and boot loader lines."""

_KEY_KINDS = frozenset(
    {
        "ecdsa-sha2-nistp256",
        "ecdsa-sha2-nistp384",
        "ecdsa-sha2-nistp521",
        "sk-ecdsa-sha2-nistp256@openssh.com",
        "sk-ssh-ed25519@openssh.com",
        "ssh-ed25519",
        "ssh-rsa",
    }
)


def _matching(pattern: str, reason: str) -> AfterValidator:
    compiled = re.compile(pattern)

    def checked(value: str) -> str:
        if not compiled.fullmatch(value):
            raise ValueError(reason)
        return value

    return AfterValidator(checked)


def _normal(read: Callable[[str], object], reason: str) -> AfterValidator:
    def checked(value: str) -> str:
        try:
            return str(read(value))
        except ValueError:
            raise ValueError(reason) from None

    return AfterValidator(checked)


def mac_address(text: str) -> str:
    """A MAC address as `aa:bb:cc:00:11:22`, whatever its case and separators. Raises ValueError."""
    digits = re.sub(r"[:\-.]", "", text.strip()).lower()
    if not re.fullmatch(r"[0-9a-f]{12}", digits):
        raise ValueError(text)
    if int(digits[:2], 16) & 1 or digits == "0" * 12:
        raise ValueError(text)
    return ":".join(digits[i : i + 2] for i in range(0, 12, 2))


def _interface(text: str) -> str:
    if "/" not in text:
        raise ValueError(text)
    return str(ipaddress.ip_interface(text))


def _url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or not _URL.fullmatch(value):
        raise ValueError("is no http or https URL, or holds what would have to be escaped")
    if parts.username or parts.password:
        raise ValueError("holds a user or a password; nothing that a machine boots may hold one")
    return value


def _image_url(value: str) -> str:
    if urlsplit(value).scheme == "file":
        if not re.fullmatch(r"file:///[A-Za-z0-9/+._~@:=%-]+", value):
            raise ValueError("is no file URL such as `file:///srv/images/ubuntu.iso`")
        return value
    return _url(value)


def _public_key(value: str) -> str:
    kind, _, rest = value.strip().partition(" ")
    blob = rest.split(" ", 1)[0]
    try:
        decoded = base64.b64decode(blob, validate=True)
    except (binascii.Error, ValueError):
        decoded = b""
    if kind not in _KEY_KINDS or decoded[4 : 4 + len(kind)] != kind.encode():
        raise ValueError("is no public SSH key, such as `ssh-ed25519 AAAA... name`")
    return value.strip()


def _command(value: str) -> str:
    if not value.strip():
        raise ValueError("is an empty command")
    return without_secret(value)


def without_secret(value: str) -> str:
    """The text, when no secret is written out in it. Raises ValueError, without the secret."""
    found = secret_in(value)
    if found:
        raise ValueError(
            f"holds {found}; a machine is to fetch its secrets once it is installed, "
            "not to boot with them"
        )
    return value


def _certificate(value: str) -> str:
    if "PRIVATE KEY" in value:
        raise ValueError("holds a private key; only the certificate is to be trusted")
    if not re.fullmatch(
        r"-----BEGIN CERTIFICATE-----\n[A-Za-z0-9+/=\n]+-----END CERTIFICATE-----\n?", value
    ):
        raise ValueError("is no certificate in PEM form")
    return value.rstrip("\n") + "\n"


def _told_apart(values: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(sorted(dict.fromkeys(values), key=str))


T = TypeVar("T")
Unordered = Annotated[tuple[T, ...], AfterValidator(_told_apart)]
"""A list whose order and repetitions mean nothing; kept sorted, so that a permutation is equal."""
Flag = Annotated[bool, Strict()]
Whole = Annotated[int, Strict(), Field(ge=0)]
Hostname = Annotated[
    str,
    _matching(
        r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?",
        "is no host name: small letters, digits and inner hyphens, at most 63",
    ),
]
Domain = Annotated[
    str,
    _matching(
        r"(?=.{1,253}\Z)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*",
        "is no DNS domain in small letters",
    ),
]
Mac = Annotated[str, _normal(mac_address, "is no MAC address of one network card")]
Address = Annotated[str, _normal(ipaddress.ip_address, "is no IP address")]
Address4 = Annotated[str, _normal(ipaddress.IPv4Address, "is no IPv4 address")]
Cidr4 = Annotated[
    str, _normal(ipaddress.IPv4Network, "is no IPv4 network such as `10.0.0.0/24`, host bits zero")
]
Cidr = Annotated[
    str, _normal(ipaddress.ip_network, "is no network such as `10.0.0.0/24`, host bits zero")
]
AddressWithPrefix = Annotated[
    str, _normal(_interface, "is no address with its prefix, such as `10.0.0.5/24`")
]
Digest = Annotated[
    str, _matching(r"sha256:[0-9a-f]{64}", "is no digest: `sha256:` and 64 small hex digits")
]
Url = Annotated[str, AfterValidator(_url)]
ImageUrl = Annotated[str, AfterValidator(_image_url)]
PublicKey = Annotated[str, AfterValidator(_public_key)]
Certificate = Annotated[str, AfterValidator(_certificate)]
Command = Annotated[str, AfterValidator(_command)]
Text = Annotated[str, AfterValidator(without_secret)]
AbsolutePath = Annotated[
    str, _matching(r"/(?!.*(^|/)\.\.?(/|$))[^\s\x00'\"\\]*", "is no absolute path without spaces")
]
DevicePath = Annotated[
    str, _matching(r"/dev/[A-Za-z0-9._:/+-]+", "is no path of a device below /dev")
]
Thumbprint = Annotated[
    str, _matching(r"[A-Za-z0-9_-]{27,43}", "is no thumbprint of a key, as `tang-show-keys` prints")
]
Target = Annotated[
    str,
    _normal(
        lambda text: text if text == "default" else ipaddress.ip_network(text),
        "is neither `default` nor a network such as `10.0.0.0/24`",
    ),
]
NoProxy = Annotated[
    str, _matching(r"[A-Za-z0-9._*:/-]+", "is neither a host, a domain nor a network")
]
Mode = Annotated[str, _matching(r"0[0-7]{3}", "is no file mode such as `0644`")]
Owner = Annotated[
    str, _matching(r"[a-z_][a-z0-9_-]*(:[a-z_][a-z0-9_-]*)?", "is no owner such as `root:root`")
]
UserName = Annotated[
    str, _matching(r"[a-z_][a-z0-9_-]{0,31}", "is no user name: small letters, digits, `_`, `-`")
]
Package = Annotated[
    str, _matching(r"[@A-Za-z0-9][A-Za-z0-9+._:/*~=^ -]*", "is no name of a package")
]
KernelArgument = Annotated[
    str,
    _matching(r"[!#%&(-\[\]-_a-~]+", "is no kernel argument: no spaces, quotes, `$` or `\\`"),
]
InterfaceName = Annotated[
    str, _matching(r"[A-Za-z][A-Za-z0-9._-]{0,14}", "is no name of a network interface")
]
Glob = Annotated[str, _matching(r"[A-Za-z0-9._*?\[\]-]+", "is no name or pattern of names")]
DeviceText = Annotated[str, _matching(r"[A-Za-z0-9 ._:/+*-]+", "holds what no disk calls itself")]
Size = Annotated[
    str,
    _matching(r"[1-9]\d{0,6}(MiB|GiB|TiB)", "is no size: a whole number of `MiB`, `GiB` or `TiB`"),
]
SizeOrRest = Annotated[
    str,
    _matching(
        r"[1-9]\d{0,6}(MiB|GiB|TiB)|rest",
        "is no size: a whole number of `MiB`, `GiB` or `TiB`, or `rest`",
    ),
]
Locale = Annotated[str, _matching(r"[A-Za-z_]+(\.[A-Za-z0-9-]+)?", "is no locale")]
TimeZone = Annotated[str, _matching(r"[A-Za-z]+([A-Za-z0-9_+/-]*)", "is no time zone")]
Comment = Annotated[
    str, _matching(r"[A-Za-z0-9 .,_@()-]+", "is no comment: letters, digits and `.,_@()-`")
]
Channel = Annotated[
    str,
    _matching(r"[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+){0,2}", "is no channel such as `latest/stable`"),
]
Word = Annotated[str, _matching(r"[A-Za-z0-9._-]+", "is no single word")]


def mebibytes(size: str) -> int:
    """A `Size` in MiB."""
    factor = {"MiB": 1, "GiB": 1024, "TiB": 1024 * 1024}
    return int(size[:-3]) * factor[size[-3:]]

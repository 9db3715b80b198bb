"""A kubeconfig read closely: one server, one way to trust it, one way to be known by it."""

from __future__ import annotations

import base64
import binascii
import ssl
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aifactory_iac.providers.membership.drain import AccessRefusedError


@dataclass(frozen=True, slots=True)
class Access:
    """Where an API server is and how to be let in; nothing secret of it is ever printed."""

    server: str
    trust: ssl.SSLContext = field(repr=False)
    token: str = field(default="", repr=False)


def read_kubeconfig(text: str) -> Access:
    """The current context of a kubeconfig.

    Programs that a kubeconfig would run to get a token are not run, and a server is never trusted
    unseen: both come back as an error that says what to give instead.

    Raises:
        AccessRefusedError: It cannot be used; the text names the field, never its content.
    """
    document = _document(text)
    context = _named(document, "contexts", str(document.get("current-context", "")), "context")
    cluster = _named(document, "clusters", str(context.get("cluster", "")), "cluster")
    user = _named(document, "users", str(context.get("user", "")), "user")
    server = str(cluster.get("server", ""))
    if not server.startswith("https://"):
        raise AccessRefusedError("kubeconfig: `cluster.server` is no https URL")
    if cluster.get("insecure-skip-tls-verify"):
        raise AccessRefusedError(
            "kubeconfig: `insecure-skip-tls-verify` is set; give "
            "`certificate-authority-data` instead"
        )
    for program in ("exec", "auth-provider", "username"):
        if program in user:
            raise AccessRefusedError(
                f"kubeconfig: `user.{program}` is not used here; give a client certificate "
                "or a service account's token"
            )
    token = str(user.get("token", ""))
    if not token and "tokenFile" in user:
        token = _read(str(user["tokenFile"]), "user.tokenFile").decode().strip()
    trust = _trust(cluster, user)
    if not token and not ("client-certificate" in user or "client-certificate-data" in user):
        raise AccessRefusedError("kubeconfig: the user has neither a certificate nor a token")
    return Access(server.rstrip("/"), trust, token)


def _document(text: str) -> Mapping[str, Any]:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        document = YAML(typ="safe").load(text)
    except YAMLError:
        raise AccessRefusedError("kubeconfig: is not YAML") from None
    if not isinstance(document, Mapping) or document.get("kind") != "Config":
        raise AccessRefusedError("kubeconfig: is no `kind: Config`")
    return document


def _named(document: Mapping[str, Any], table: str, name: str, field_: str) -> Mapping[str, Any]:
    for each in document.get(table) or ():
        if isinstance(each, Mapping) and each.get("name") == name:
            found = each.get(field_)
            return found if isinstance(found, Mapping) else {}
    raise AccessRefusedError(f"kubeconfig: `{table}` has none named {name!r}")


def _trust(cluster: Mapping[str, Any], user: Mapping[str, Any]) -> ssl.SSLContext:
    authority = _bytes(cluster, "certificate-authority", "cluster")
    certificate = _bytes(user, "client-certificate", "user")
    key = _bytes(user, "client-key", "user")
    try:
        context = ssl.create_default_context(
            cadata=authority.decode("ascii") if authority else None
        )
        # Bare certificate authorities, as installers make them, have no key usage extension.
        context.verify_flags &= ~ssl.VERIFY_X509_STRICT
        if certificate and key:
            _load_pair(context, certificate, key)
    except (ssl.SSLError, UnicodeDecodeError, ValueError):
        raise AccessRefusedError("kubeconfig: a certificate or key is not PEM") from None
    return context


def _load_pair(context: ssl.SSLContext, certificate: bytes, key: bytes) -> None:
    """`ssl` reads a pair from files only: a private one, gone before this returns."""
    with tempfile.TemporaryDirectory(prefix="aifactory-") as folder:
        place = Path(folder) / "pair.pem"
        place.touch(mode=0o600)
        place.write_bytes(certificate.rstrip() + b"\n" + key)
        context.load_cert_chain(place)


def _bytes(table: Mapping[str, Any], name: str, where: str) -> bytes:
    data = table.get(f"{name}-data")
    if data:
        try:
            return base64.b64decode(str(data), validate=True)
        except (binascii.Error, ValueError):
            raise AccessRefusedError(f"kubeconfig: `{where}.{name}-data` is not base64") from None
    return _read(str(table[name]), f"{where}.{name}") if table.get(name) else b""


def _read(path: str, where: str) -> bytes:
    try:
        return Path(path).expanduser().read_bytes()
    except OSError as error:
        reason = error.strerror or "cannot be read"
        raise AccessRefusedError(f"kubeconfig: `{where}`: {reason}") from None

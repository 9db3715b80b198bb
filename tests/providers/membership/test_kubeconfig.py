"""Kubeconfigs: what is understood, and what is refused with the way out, never with the secret."""

from __future__ import annotations

import base64
import datetime as dt
import json
from typing import Any

import pytest

from aifactory_iac.lab.certificates import Authority
from aifactory_iac.providers.membership.drain import AccessRefusedError
from aifactory_iac.providers.membership.kubernetes.kubeconfig import read_kubeconfig

AUTHORITY = Authority("kubeconfig", dt.datetime.now(tz=dt.UTC))
PAIR = AUTHORITY.issue("client")


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def document(user: dict[str, Any] | None = None, **cluster: Any) -> dict[str, Any]:
    server = {
        "server": "https://10.0.0.1:6443",
        "certificate-authority-data": encoded(AUTHORITY.certificate),
        **cluster,
    }
    return {
        "kind": "Config",
        "current-context": "here",
        "clusters": [{"name": "c", "cluster": server}],
        "users": [{"name": "u", "user": {"token": "s3cret"} if user is None else user}],
        "contexts": [{"name": "here", "context": {"cluster": "c", "user": "u"}}],
    }


def read(found: dict[str, Any]):
    return read_kubeconfig(json.dumps(found))


def test_a_token_and_an_authority_are_enough():
    access = read(document())
    assert (access.server, access.token) == ("https://10.0.0.1:6443", "s3cret")
    assert "s3cret" not in repr(access)
    assert access.trust.get_ca_certs()


def test_a_client_certificate_in_the_document_or_in_files(tmp_path):
    inline = {
        "client-certificate-data": encoded(PAIR.certificate),
        "client-key-data": encoded(PAIR.key),
    }
    assert read(document(inline)).token == ""
    (tmp_path / "crt").write_text(PAIR.certificate)
    (tmp_path / "key").write_text(PAIR.key)
    (tmp_path / "ca").write_text(AUTHORITY.certificate)
    files = {"client-certificate": str(tmp_path / "crt"), "client-key": str(tmp_path / "key")}
    found = document(files, **{"certificate-authority": str(tmp_path / "ca")})
    del found["clusters"][0]["cluster"]["certificate-authority-data"]
    assert read(found).trust.get_ca_certs()


def test_a_token_file_is_read(tmp_path):
    (tmp_path / "token").write_text("from-a-file\n")
    assert read(document({"tokenFile": str(tmp_path / "token")})).token == "from-a-file"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: [", "kubeconfig: is not YAML"),
        ("- 1", "kubeconfig: is no `kind: Config`"),
        ("kind: Pod", "kubeconfig: is no `kind: Config`"),
        ("kind: Config", "kubeconfig: `contexts` has none named ''"),
    ],
)
def test_what_is_no_kubeconfig(text, expected):
    with pytest.raises(AccessRefusedError) as error:
        read_kubeconfig(text)
    assert str(error.value) == expected


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (document(server="http://10.0.0.1"), "kubeconfig: `cluster.server` is no https URL"),
        (
            document(**{"insecure-skip-tls-verify": True}),
            (
                "kubeconfig: `insecure-skip-tls-verify` is set; give `certificate-authority-data` "
                "instead"
            ),
        ),
        (
            document({"exec": {"command": "aws"}}),
            (
                "kubeconfig: `user.exec` is not used here; give a client certificate or a "
                "service account's token"
            ),
        ),
        (document({}), "kubeconfig: the user has neither a certificate nor a token"),
        (
            document(**{"certificate-authority-data": "s3cret!"}),
            "kubeconfig: `cluster.certificate-authority-data` is not base64",
        ),
        (
            document(**{"certificate-authority-data": encoded("s3cret")}),
            "kubeconfig: a certificate or key is not PEM",
        ),
        (
            document({"tokenFile": "/nowhere/token"}),
            "kubeconfig: `user.tokenFile`: No such file or directory",
        ),
        (
            document() | {"current-context": "there"},
            "kubeconfig: `contexts` has none named 'there'",
        ),
    ],
)
def test_what_cannot_be_used(found, expected):
    with pytest.raises(AccessRefusedError) as error:
        read(found)
    assert str(error.value) == expected

"""A secret that was written into a document is found, and is shown nowhere."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest

from aifactory_iac.blueprint import Loaded
from aifactory_iac.blueprint.explain import explain
from aifactory_iac.blueprint.secrets import has_secret_form, is_secret_key, masked

Load = Callable[..., Loaded]

_HEAD = "apiVersion: aifactory/v1\nkind: Blueprint\nmetadata: {name: bad}\nextends: ./base.yaml\n"
_FAKE = {
    "AWS key id": "AKIA" + "ABCDEFGHIJKLMNOP",
    "GitHub token": "ghp_" + "a1B2" * 9,
    "private key": "-----BEGIN RSA " + "PRIVATE KEY-----",
    "Slack token": "xoxb-" + "123456789012-abcdef",
    "Hugging Face token": "hf_" + "abcdefghijABCDEFGHIJ",
    "NVIDIA key": "nvapi-" + "abcdefghijABCDEFGHIJ",
    "Vault token": "hvs." + "abcdefghijABCDEFGHIJ",
    "JSON Web Token": "eyJhbGciOiJI." + "eyJzdWIiOiIx.c2lnbmF0dXJl",
    "URL with a password": "https://bob:" + "hunter22@example.com/",
}
_LITERAL = "hunter2-correct-horse"


@pytest.fixture
def load_child(write: Callable[..., Path], load_text: Load) -> Load:
    write("base.yaml", (Path(__file__).parent / "bad" / "base.yaml").read_text(encoding="utf-8"))
    return lambda body, **request: load_text(_HEAD + body, **request)


def _everything(loaded: Loaded) -> str:
    return repr([dataclasses.asdict(finding) for finding in loaded.findings])


@pytest.mark.parametrize("name", sorted(_FAKE))
def test_a_value_with_the_form_of_a_credential(name: str, load_child: Load) -> None:
    loaded = load_child(f"governance: {{tags: {{team: '{_FAKE[name]}'}}}}\n")
    assert [each.rule for each in loaded.findings] == ["AIF-DOC-071"]
    assert _FAKE[name] not in _everything(loaded)


@pytest.mark.parametrize(
    "body",
    [
        f"governance: {{tags: {{db_password: {_LITERAL}, x: 1}}}}\n",
        f"compute: [{{name: train, bmc: {{credentials: {_LITERAL}}}}}]\n",
        f"compute: [{{name: train, bmc: {{credentials: {{secret: {_LITERAL}, path: x}}}}}}]\n",
        f"compute:\n  - name: train\n    bmc:\n      credentials: >-\n        {_LITERAL}\n",
        f"compute: [{{name: train, password: {_LITERAL}, cuont: 3}}]\n",
        f"parameters: {{api_token: {{type: string, default: {_LITERAL}}}}}\n",
        f"parameters: {{t: {{type: string, default: a}}}}\ngovernance: {{token: {_LITERAL}\n",
        f"governance: {{secret: {_LITERAL}: x}}\n",
    ],
)
def test_a_secret_is_in_no_message_and_no_source_line(body: str, load_child: Load) -> None:
    loaded = load_child(body)
    assert not loaded.valid
    assert _LITERAL not in _everything(loaded)


def test_a_secret_on_the_command_line(load_child: Load) -> None:
    body = "parameters: {api_token: {type: string, pattern: '^[0-9]+$', default: '1'}}\n"
    loaded = load_child(body, parameters={"api_token": _LITERAL})
    assert not loaded.valid
    assert _LITERAL not in _everything(loaded)


def test_a_secret_given_to_a_parameter_that_is_called_one(load_child: Load) -> None:
    body = "parameters: {api_token: {type: string}}\n"
    loaded = load_child(body, parameters={"api_token": _LITERAL})
    assert [(each.rule, each.path) for each in loaded.findings] == [
        ("AIF-DOC-071", ("parameters", "api_token"))
    ]
    assert _LITERAL not in _everything(loaded)


def test_a_secret_that_a_reference_puts_together(load_child: Load) -> None:
    body = "parameters: {a: {default: AKIA}, b: {default: ABCDEFGHIJKLMNOP}}\n"
    loaded = load_child(body + 'governance: {tags: {x: "${a}${b}"}}\n')
    assert [(each.rule, each.path) for each in loaded.findings] == [
        ("AIF-DOC-071", ("governance", "tags", "x"))
    ]


def test_a_secret_for_a_name_or_a_key(load_child: Load) -> None:
    secret = _FAKE["AWS key id"]
    loaded = load_child(f"compute: [{{name: {secret}}}]\n{secret}: 1\n")
    assert not loaded.valid
    assert secret not in _everything(loaded)


def test_other_values_on_the_line_of_a_secret_stay_readable(load_child: Load) -> None:
    loaded = load_child(f"compute: [{{name: train, cuont: 3, password: {_LITERAL}}}]\n")
    unknown = [each for each in loaded.findings if each.message.endswith("no key `cuont`")]
    assert unknown[0].span is not None
    assert unknown[0].span.text == "compute: [{name: train, cuont: 3, password: " + "*" * 21 + "}]"


def test_explain_shows_no_secret(load_child: Load) -> None:
    loaded = load_child(f"governance: {{tags: {{db_password: {_LITERAL}}}}}\n")
    chain = explain(loaded, "governance.tags.db_password").chain
    assert _LITERAL not in repr(chain)


@pytest.mark.parametrize(
    "body",
    [
        "compute: [{name: train, bmc: {credentials: {secret: file, path: bmc.age}}}]\n",
        "compute: [{name: train, bmc: {credentials: {secret: env, path: BMC_PASSWORD}}}]\n",
        "governance: {tags: {tokens: many, key: value, monkey: see}}\n",
        "orchestration: {clusters: [{name: metal, encrypt_secrets: false}]}\n",
    ],
)
def test_what_is_no_secret(body: str, load_child: Load) -> None:
    assert load_child(body).findings == ()


@pytest.mark.parametrize(
    ("key", "secret"),
    [
        ("password", True),
        ("db_password", True),
        ("apiToken", True),
        ("aws_secret_access_key", True),
        ("private-key", True),
        ("tokens", False),
        ("tokens_per_gpu", False),
        ("key", False),
        ("secrets", False),
        ("passwordless", False),
    ],
)
def test_keys_that_name_secrets(key: str, secret: bool) -> None:
    assert is_secret_key(key) is secret


def test_ordinary_texts_have_no_form_of_a_secret() -> None:
    texts = ["sha256:" + "0" * 64, "arn:aws:secretsmanager:eu-central-1:1:secret:x", "skeleton-key"]
    assert not any(has_secret_form(text) for text in texts)


def test_a_masked_line_keeps_its_columns() -> None:
    line = "  db: {user: a, password: 'x y', port: 1}"
    assert masked(line) == "  db: {user: a, password: ** **, port: 1}"
    assert masked("credentials: {secret: file, path: bmc.age}").endswith("path: bmc.age}")

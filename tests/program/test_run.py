"""The run: deferred values, references, providers and options, as Pulumi registers them."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pulumi
import pytest

from aifactory_iac.deploy.construction import Construction, Setting, construct
from aifactory_iac.program.planned import UNKNOWN, PlannedResource, Secret
from aifactory_iac.program.run import (
    component_token,
    construction_order,
    run_unit,
    upstream_from_stacks,
)
from aifactory_iac.program.unit import (
    Call,
    FromEnvironment,
    FromSecret,
    Give,
    Options,
    ProviderCall,
    Ref,
    Take,
    Unit,
)
from aifactory_iac.program.values import Ambient

KEY = "aws.keys:Key"


def key(name: str, options: Options | None = None, **args: Any) -> Call:
    given = {
        "alias": name,
        "description": name,
        "account_id": "123456789012",
        "region": "eu-central-1",
        "services": (),
        "tags": {},
        **args,
    }
    return Call(KEY, name, given, options or Options(), origin=("sites", "s"))


def unit(*calls: Call, gives: tuple[Give, ...] = (), providers: Any = ()) -> Unit:
    return Unit("s", "keys", providers, calls, gives)


def run(one: Unit, upstream: Mapping[str, Any] | None = None, values: Any = None) -> Construction:
    return construct(
        lambda: run_unit(one, upstream or {}, values) and None,
        Setting(project="p", stack="dev.s.keys", unit=one.name),
    )


def resource(found: Construction, name: str) -> PlannedResource:
    return next(item for item in found.resources if item.name == name)


def test_a_component_has_its_token_and_its_children_carry_its_name() -> None:
    found = run(unit(key("lake")))
    assert found.findings == ()
    assert [item.urn.split("::", 2)[2] for item in found.resources] == [
        "aifactory:aws:Key$aws:kms/alias:Alias::lake-alias",
        "aifactory:aws:Key$aws:kms/key:Key::lake-key",
        "aifactory:aws:Key::lake",
    ]
    assert component_token(key("lake")) == "aifactory:aws:Key"


def test_a_take_is_what_upstream_gives_and_unknown_before_that() -> None:
    one = unit(key("lake", description=Take("s/network.vpc_id", "VpcId")))
    applied = run(one, {"s/network.vpc_id": "vpc-1"})
    assert resource(applied, "lake-key").inputs["description"] == "vpc-1"
    assert resource(run(one), "lake-key").inputs["description"] is UNKNOWN


def test_a_plan_does_not_read_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACCOUNT", "999999999999")
    one = unit(key("lake", description=FromEnvironment("ACCOUNT")))
    assert resource(run(one), "lake-key").inputs["description"] is UNKNOWN


def test_an_engine_run_reads_the_environment_and_secrets_stay_secret(tmp_path: Path) -> None:
    file = tmp_path / "passphrase"
    file.write_text("correct horse\n")
    one = unit(
        key("a", description=FromEnvironment("ACCOUNT")),
        key("b", description=FromSecret("env", "ACCOUNT")),
        key("c", description=FromSecret("file", str(file))),
    )
    found = run(one, values=Ambient({"ACCOUNT": "1"}))
    described = {
        item.name: item.inputs["description"]
        for item in found.resources
        if item.type == "aws:kms/key:Key"
    }
    assert described == {
        "a-key": "1",
        "b-key": Secret("1"),
        "c-key": Secret("correct horse"),
    }


def test_a_preview_goes_on_without_a_variable() -> None:
    one = unit(key("a", description=FromEnvironment("ACCOUNT")))
    found = run(one, values=Ambient({}))
    assert resource(found, "a-key").inputs["description"] is UNKNOWN


def test_a_store_without_a_lookup_is_named() -> None:
    with pytest.raises(pulumi.RunError, match="no lookup for secrets in `safe`; there are: aws-"):
        Ambient({}).secret("safe", "bmc")


@pytest.fixture
def vault() -> Iterator[str]:
    """A Vault on loopback with one secret in each version of the KV store."""

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            secrets = {
                "/v1/kv/data/bmc": {"data": {"data": {"password": "two"}, "metadata": {}}},
                "/v1/old/bmc": {"data": {"value": "one"}},
            }
            known = self.headers["X-Vault-Token"] == "t" and self.path in secrets
            self.send_response(200 if known else 403)
            self.end_headers()
            self.wfile.write(json.dumps(secrets.get(self.path, {})).encode())

        def log_message(self, *args: Any) -> None:
            """Nothing to say."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_vault_gives_a_field_of_either_version(vault: str) -> None:
    values = Ambient({"VAULT_ADDR": vault, "VAULT_TOKEN": "t"})
    one = unit(
        key("a", description=FromSecret("vault", "kv/data/bmc#password")),
        key("b", description=FromSecret("vault", "old/bmc")),
    )
    found = run(one, values=values)
    assert resource(found, "a-key").inputs["description"] == Secret("two")
    assert resource(found, "b-key").inputs["description"] == Secret("one")


@pytest.mark.parametrize(
    ("token", "path", "why"),
    [
        ("t", "kv/data/bmc#user", "gave no field `user`: KeyError"),
        ("wrong", "kv/data/bmc#password", "gave no field `password`: HTTPError"),
    ],
)
def test_what_vault_refuses_is_said_without_the_token(
    token: str, path: str, why: str, vault: str
) -> None:
    with pytest.raises(pulumi.RunError, match=why) as raised:
        Ambient({"VAULT_ADDR": vault, "VAULT_TOKEN": token}).secret("vault", path)
    assert "wrong" not in str(raised.value)


def test_vault_is_asked_over_tls_only() -> None:
    with pytest.raises(pulumi.RunError, match="over TLS only"):
        Ambient({"VAULT_ADDR": "http://vault.internal", "VAULT_TOKEN": "t"}).secret("vault", "x")


def test_components_are_constructed_after_those_that_they_refer_to() -> None:
    one = unit(
        key("a", description=Ref("z", "key_arn")),
        key("m", Options(depends_on=("a",))),
        key("z"),
        key("b"),
    )
    assert [call.name for call in construction_order(one)] == ["b", "z", "a", "m"]
    found = run(one)
    assert found.findings == ()
    assert resource(found, "a-key").inputs["description"] is UNKNOWN
    assert any("::z-key" in urn for urn in resource(found, "a-key").dependencies)


def test_gives_become_stack_outputs() -> None:
    gives = (
        Give("open", "KeyArn", Ref("lake", "key_arn")),
        Give("hidden", "KeyArn", Ref("lake", "key_arn"), secret=True),
    )
    found = run(unit(key("lake"), gives=gives))
    assert dict(found.outputs) == {"hidden": Secret(UNKNOWN), "open": UNKNOWN}


def test_children_use_the_provider_of_their_component_and_inherit_protection() -> None:
    provider = ProviderCall(
        "s", "aws", {"region": "eu-central-1", "allowed_account_ids": (FromEnvironment("A"),)}
    )
    found = run(unit(key("lake", Options(provider="s", protect=True)), providers=(provider,)))
    made = resource(found, "s")
    assert made.type == "pulumi:providers:aws"
    assert made.inputs["region"] == "eu-central-1"
    assert made.inputs["allowedAccountIds"] is UNKNOWN
    child = resource(found, "lake-key")
    assert child.provider is not None
    assert child.provider.startswith(made.urn)
    assert child.protect is True


def test_the_provider_takes_nothing_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_REGION", "us-west-2")
    monkeypatch.setenv("AWS_PROFILE", "admin")
    provider = ProviderCall("s", "aws", {"region": "eu-central-1"})
    found = run(unit(key("lake", Options(provider="s")), providers=(provider,)))
    assert resource(found, "s").inputs["region"] == "eu-central-1"
    assert "profile" not in resource(found, "s").inputs


def test_former_names_and_urns_are_aliases() -> None:
    urn = "urn:pulumi:dev.s.keys::p::aifactory:aws:Key::old"
    found = run(unit(key("lake", Options(aliases=("ocean", urn)))))
    assert set(resource(found, "lake").aliases) >= {
        "urn:pulumi:dev.s.keys::p::aifactory:aws:Key::ocean",
        urn,
    }


def test_upstream_comes_through_one_stack_reference_per_unit() -> None:
    one = unit(
        key("a", description=Take("s/network.vpc_id", "VpcId")),
        key("b", description=Take("s/network.cidr", "Text")),
    )
    asked: list[str] = []

    def stack_of(name: str) -> str:
        asked.append(name)
        return f"organization/p/dev.{name.replace('/', '.')}"

    found = construct(
        lambda: run_unit(one, upstream_from_stacks(one, stack_of)) and None,
        Setting(project="p", stack="dev.s.keys", unit=one.name),
    )
    assert found.findings == ()
    assert asked == ["s/network"]
    assert [item.urn.rsplit("::", 1)[1] for item in found.reads] == ["organization/p/dev.s.network"]


def test_a_file_that_is_not_there_is_unknown_in_a_preview(tmp_path: Path) -> None:
    one = unit(key("a", description=FromSecret("file", str(tmp_path / "none"))))
    assert resource(run(one, values=Ambient({})), "a-key").inputs["description"] == Secret(UNKNOWN)


def test_stack_config_is_a_store_of_secrets() -> None:
    one = unit(key("a", description=FromSecret("pulumi-config", "bmc")))

    def with_config(config: Mapping[str, str]) -> Any:
        found = construct(
            lambda: run_unit(one, {}, Ambient({})) and None,
            Setting(
                project="p",
                stack="dev.s.keys",
                config=config,
                config_secrets=frozenset(config),
            ),
        )
        return resource(found, "a-key").inputs["description"]

    assert with_config({"p:bmc": "hunter2"}) == Secret("hunter2")
    assert with_config({}) == Secret(UNKNOWN)


def test_secrets_manager_is_asked_through_the_provider() -> None:
    one = unit(key("a", description=FromSecret("aws-secrets-manager", "arn:aws:secretsmanager:x")))
    found = run(one, values=Ambient({}))
    assert found.invoked == ("aws:secretsmanager/getSecretVersion:getSecretVersion",)
    assert resource(found, "a-key").inputs["description"] == Secret(UNKNOWN)


def test_without_an_address_vault_is_unknown_in_a_preview() -> None:
    one = unit(key("a", description=FromSecret("vault", "kv/data/bmc#password")))
    assert resource(run(one, values=Ambient({})), "a-key").inputs["description"] == Secret(UNKNOWN)


class TestAnUpdate:
    """What a preview leaves open, an update must have."""

    @pytest.fixture(autouse=True)
    def applying(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(pulumi.runtime, "is_dry_run", lambda: False)

    @pytest.mark.parametrize(
        ("store", "path", "why"),
        [
            ("env", "ACCOUNT", "environment variable ACCOUNT is not set"),
            ("file", "no/such.age", "secret file no/such.age does not exist"),
            ("vault", "kv/data/bmc", "VAULT_ADDR and VAULT_TOKEN are not set"),
        ],
    )
    def test_stops_and_says_what_is_missing(self, store: str, path: str, why: str) -> None:
        with pytest.raises(pulumi.RunError, match=why):
            Ambient({}).secret(store, path)

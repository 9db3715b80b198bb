"""The plug-in over gRPC with a made-up resource type: what the engine sends and what it gets."""

from __future__ import annotations

import json

import grpc
import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2

from aifactory_iac.providers.metal import VERSION
from aifactory_iac.providers.resource import UNKNOWN
from aifactory_iac.providers.schema import package_schema

NOTEBOOK = "aifactory:metal:Notebook"


def last(notebook, what):
    return [args for name, args in notebook.seen if name == what][-1]


def test_it_says_its_version_and_its_schema(client):
    assert client.ask("GetPluginInfo", empty_pb2.Empty()).version == VERSION
    answer = client.ask("GetSchema", provider_pb2.GetSchemaRequest())
    assert json.loads(answer.schema) == package_schema()


def test_a_handshake_says_that_secrets_are_understood(client):
    answer = client.ask("Handshake", provider_pb2.ProviderHandshakeRequest())
    assert answer.accept_secrets
    assert not answer.accept_outputs
    assert not answer.accept_resources


@pytest.mark.parametrize(
    ("method", "what"),
    [
        ("Parameterize", "packages made from parameters"),
        ("Construct", "components of its own"),
        ("Call", "methods of resources"),
        ("GetMapping", "mappings from other providers"),
        ("GetMappings", "mappings from other providers"),
    ],
)
def test_what_there_is_not_is_said_plainly(client, method, what):
    with pytest.raises(client.refused) as refused:
        client.ask(method, getattr(provider_pb2, f"{method}Request")())
    assert refused.value.code == "UNIMPLEMENTED"
    assert refused.value.text == f"this package has no support for {what}"


def test_listing_is_said_plainly_too(client):
    with pytest.raises(grpc.RpcError) as refused:
        list(client.stub.List(provider_pb2.ListRequest()))
    assert refused.value.code() is grpc.StatusCode.UNIMPLEMENTED
    assert refused.value.details() == "this package has no support for listing resources"


def test_an_unknown_function_is_a_clean_error(client):
    with pytest.raises(client.refused) as refused:
        client.ask("Invoke", provider_pb2.InvokeRequest(tok="aifactory:metal:find"))
    assert refused.value.text == (
        "there is no function `aifactory:metal:find`: this package has none"
    )


def test_an_unknown_type_is_a_clean_error(plugin):
    with pytest.raises(plugin().refused) as refused:
        plugin().check("aifactory:metal:Rack", {})
    assert refused.value.code == "FAILED_PRECONDITION"
    assert refused.value.text.startswith(
        "this version of aifactory has no resource type `aifactory:metal:Rack`; "
    )


def test_check_fills_in_defaults_and_keeps_secrets(client, notebook, hidden):
    inputs, failures = client.check(NOTEBOOK, {"title": "a", "pin": hidden("123456")}, {"pages": 3})
    assert failures == []
    assert inputs == {"title": "a", "pin": hidden("123456"), "pages": 10}
    assert last(notebook, "check") == ({"pages": 3}, {"title": "a", "pin": "123456"})


def test_a_first_check_has_no_old_inputs(client, notebook):
    client.check(NOTEBOOK, {"title": UNKNOWN})
    assert last(notebook, "check") == (None, {"title": UNKNOWN})


def test_failures_carry_their_path_in_the_reason(client):
    """An engine prints the value of a property that is named on its own, secret or not."""
    request = provider_pb2.CheckRequest(type=NOTEBOOK)
    request.news.update({"title": ""})
    failures = client.ask("Check", request).failures
    assert [(each.property, each.reason) for each in failures] == [
        ("", "`title` is empty"),
        ("", "has nothing to say"),
    ]


def test_structure_is_checked_before_the_type_is_asked(plugin, notebook):
    client = plugin(types={"aifactory:metal:SwitchConfig": notebook}.__getitem__)
    _, failures = client.check("aifactory:metal:SwitchConfig", {"tls": {"trust": "blindly"}})
    assert "`tls.trust` is none of `site-ca`, `system-ca`, `pinned`, `insecure`" in failures
    assert "`hostname` is missing" in failures
    assert notebook.seen == []


def test_nothing_differs(client):
    same = {"title": "a", "pages": 10}
    diff = client.diff(NOTEBOOK, same, {**same, "isbn": "978-3"}, same)
    assert diff.changes == "DIFF_NONE"
    assert diff.kinds == {}
    assert diff.raw.hasDetailedDiff is False


def test_a_difference_in_detail(client):
    diff = client.diff(
        NOTEBOOK,
        {"title": "a", "pages": 10, "ink": "red"},
        {"torn": True},
        {"title": "b", "pages": 12, "lines": 5},
    )
    assert diff.changes == "DIFF_SOME"
    assert diff.kinds == {
        "title": "UPDATE_REPLACE",
        "pages": "UPDATE",
        "ink": "DELETE",
        "lines": "ADD",
        "torn": "UPDATE",
    }
    assert diff.replaces == ["title"]
    assert diff.stables == ["isbn"]
    assert list(diff.raw.diffs) == ["ink", "lines", "pages", "title", "torn"]
    assert {path: change.inputDiff for path, change in diff.raw.detailedDiff.items()} == {
        "title": True,
        "pages": True,
        "ink": True,
        "lines": True,
        "torn": False,
    }
    assert diff.raw.deleteBeforeReplace is False


def test_ignored_changes_are_none(client, notebook):
    diff = client.diff(
        NOTEBOOK, {"title": "a", "pages": 1}, {}, {"title": "b", "pages": 1}, ["title"]
    )
    assert diff.changes == "DIFF_NONE"
    assert last(notebook, "diff")[2] == {"title": "a", "pages": 1}


def test_what_is_not_known_is_left_to_the_engine_unless_something_differs(client):
    unknown = {"title": UNKNOWN}
    assert client.diff(NOTEBOOK, unknown, {}, unknown).changes == "DIFF_UNKNOWN"
    assert client.diff(NOTEBOOK, {"title": "a"}, {}, unknown).changes == "DIFF_SOME"


def test_a_preview_of_a_creation_reaches_nothing(client, notebook):
    id_, state = client.create(NOTEBOOK, {"title": UNKNOWN, "mood": "broken"}, preview=True)
    assert id_ == ""
    assert state == {"title": UNKNOWN, "mood": "broken", "isbn": UNKNOWN}
    assert last(notebook, "create")[2] is True


def test_a_creation(client, notebook):
    id_, state = client.create(NOTEBOOK, {"title": "a", "pages": 10}, name="diary")
    assert id_ == "diary-1"
    assert state == {"title": "a", "pages": 10, "isbn": "978-3"}
    assert last(notebook, "create") == ("diary", {"title": "a", "pages": 10}, False)


def test_an_older_engine_says_name_and_type_by_urn_alone(client, notebook):
    urn = "urn:pulumi:dev::project::my:Shelf$aifactory:metal:Notebook::a::strange::name"
    request = provider_pb2.CreateRequest(urn=urn)
    request.properties.update({"title": "a"})
    client.ask("Create", request)
    assert last(notebook, "create")[0] == "a::strange::name"


def test_secrets_stay_secret_wherever_they_turn_up(client, hidden):
    inputs = {"title": "a", "mood": "copying", "password": hidden("correct horse")}
    _, state = client.create(NOTEBOOK, inputs)
    assert state == {
        **inputs,
        "isbn": "978-3",
        "kubeconfig": "apiVersion: v1",
        "copies": [hidden("correct horse"), "plain"],
    }


def test_outputs_that_are_secret_by_schema_are_secret(plugin, notebook, hidden):
    client = plugin(types={"aifactory:metal:Cluster": notebook}.__getitem__)
    inputs = {"mood": "copying", "password": "not so secret"}
    _, state = client.create("aifactory:metal:Cluster", inputs)
    assert state["kubeconfig"] == hidden("apiVersion: v1")
    assert state["password"] == "not so secret"


def test_an_update_and_its_preview(client, notebook, hidden):
    old, new = {"title": "a"}, {"title": "a", "pages": 3, "pin": hidden("123456")}
    state = {**old, "isbn": "978-3"}
    for preview in (True, False):
        changed = client.update(NOTEBOOK, "id-1", old, state, new, preview=preview)
        assert changed == {**new, "isbn": "978-3"}
        plain = {"title": "a", "pages": 3, "pin": "123456"}
        assert last(notebook, "update") == ("id-1", old, state, plain, preview)


def test_an_update_leaves_ignored_properties_as_they_were(client, notebook, hidden):
    old = {"title": "a", "pin": hidden("123456")}
    state = client.update(
        NOTEBOOK, "id-1", old, {"isbn": "978-3"}, {"title": "b", "pin": "7"}, ignore=["pin"]
    )
    assert state == {"title": "b", "pin": hidden("123456"), "isbn": "978-3"}


def test_reading_for_a_refresh_keeps_secrets(client, hidden):
    inputs = {"title": "a", "pin": hidden("123456")}
    state, again = client.read(NOTEBOOK, "id-1", inputs, {**inputs, "serial": hidden("S-1")})
    assert again == inputs
    assert state == {**inputs, "serial": hidden("S-1"), "isbn": "978-3"}


def test_reading_for_an_import_starts_from_the_id_alone(client, notebook):
    state, inputs = client.read(NOTEBOOK, "id-1")
    assert last(notebook, "read") == ("id-1", {}, {})
    assert inputs == {"title": "found"}
    assert state == {"title": "found", "isbn": "978-3"}


def test_what_is_gone_is_said_by_an_empty_answer(client):
    assert client.read(NOTEBOOK, "gone", {"title": "a"}, {}) is None


def test_a_deletion(client, notebook):
    client.delete(NOTEBOOK, "id-1", {"title": "a"}, {"isbn": "978-3"})
    assert last(notebook, "delete") == ("id-1", {"title": "a"}, {"isbn": "978-3"})


@pytest.mark.parametrize("mood", ["refusing", "partial", "broken"])
def test_a_deletion_that_fails(client, mood):
    with pytest.raises(client.refused):
        client.delete(NOTEBOOK, "id-1", {"mood": mood, "password": "x"}, {})


def test_a_refusal_says_that_nothing_was_done_and_no_secret(client, hidden):
    with pytest.raises(client.refused) as refused:
        client.create(NOTEBOOK, {"mood": "refusing", "password": hidden("correct horse")})
    assert refused.value.code == "FAILED_PRECONDITION"
    assert refused.value.text == "no paper for [secret]"


def test_what_was_done_in_part_is_kept(client, hidden):
    inputs = {"mood": "partial", "password": hidden("correct horse")}
    with pytest.raises(client.partly_done) as partly:
        client.create(NOTEBOOK, inputs)
    assert partly.value.id == "r-half"
    assert partly.value.state == {**inputs, "isbn": "half"}
    assert partly.value.reasons == ["page 3 tore", "page 4 tore"]
    assert partly.value.text == "page 3 tore; page 4 tore"


def test_what_is_there_in_part_keeps_its_inputs_at_a_refresh(client):
    with pytest.raises(client.partly_done) as partly:
        client.read(NOTEBOOK, "half", {"title": "a"}, {"title": "a"})
    assert partly.value.id == "half"
    assert partly.value.state == {"title": "a", "stale": True}
    assert partly.value.inputs == {"title": "a"}


def test_a_bug_is_one_line_without_what_it_was_about(client, hidden, capfd):
    with pytest.raises(client.refused) as refused:
        client.create(NOTEBOOK, {"mood": "broken", "password": hidden("correct horse")})
    assert refused.value.code == "INTERNAL"
    assert refused.value.text == (
        "internal error in Create of aifactory:metal:Notebook: KeyError "
        "(this is a bug in aifactory)"
    )
    assert capfd.readouterr() == ("", "")


def test_a_bug_shows_its_traceback_on_stderr_when_asked_to(client, hidden, capfd, monkeypatch):
    monkeypatch.setenv("AIFACTORY_DEBUG", "1")
    with pytest.raises(client.refused):
        client.create(NOTEBOOK, {"mood": "broken", "password": hidden("correct horse")})
    out, err = capfd.readouterr()
    assert out == ""
    assert err.startswith("Traceback (most recent call last):")
    assert err.strip().endswith("KeyError: '[secret]'")


def test_a_result_that_is_not_known_after_a_run_is_a_bug(client):
    with pytest.raises(client.refused) as refused:
        client.create(NOTEBOOK, {"mood": "forgetful"})
    assert refused.value.code == "INTERNAL"


def test_an_asset_is_refused_with_its_place(client):
    with pytest.raises(client.refused) as refused:
        client.create(
            NOTEBOOK,
            {"title": {"4dabf18193072939515e22adb298388d": "c44067f5952c0a294b673a41bacd8c17"}},
        )
    assert refused.value.code == "INVALID_ARGUMENT"
    assert refused.value.text == "title: is an asset, an archive or bytes; no type takes those"


def test_lines_are_shown_under_the_resource_without_secrets_before_the_answer(client, hidden):
    inputs = {"mood": "talking", "password": hidden("correct horse")}
    client.create(NOTEBOOK, inputs, name="diary")
    assert client.lines == [
        ("info", "diary", "one"),
        ("warning", "diary", "the password is [secret]"),
    ]


def test_an_attached_engine_is_shown_the_lines(client, plugin):
    other = plugin(types=lambda token: None)
    address = other.engine_address
    client.ask("Attach", plugin_pb2.PluginAttach(address=address))
    client.create(NOTEBOOK, {"mood": "talking", "password": "plain"})
    assert [text for _, _, text in other.lines] == ["one", "the password is plain"]
    assert client.lines == []


def test_nothing_runs_before_it_is_configured(plugin, notebook):
    client = plugin(types={NOTEBOOK: notebook}.__getitem__, configured=False)
    with pytest.raises(client.refused) as refused:
        client.create(NOTEBOOK, {"title": "a"})
    assert refused.value.text == "the provider has not been configured"

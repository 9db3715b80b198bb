"""What the provider is configured with: config of the stack, else the environment."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from aifactory_iac.providers.plugin.configuration import (
    checked_configuration,
    configuration,
    environment_variable,
)
from aifactory_iac.providers.resource import UNKNOWN, ProviderError
from aifactory_iac.providers.surroundings import Settings


def configured(values, environment=None):
    return configuration(values, {"HOME": "/nowhere", **(environment or {})})


def test_nothing_is_needed(monkeypatch):
    found = configured({}, {"XDG_STATE_HOME": "/state"})
    assert found.settings == Settings(state_dir=Path("/state/aifactory"))
    assert found.settings.parallel == 64
    assert found.secrets == {}


def test_settings_of_the_stack(tmp_path):
    lab = tmp_path / "lab.json"
    lab.write_text(json.dumps({"endpoints": {"10.0.0.1": "https://127.0.0.1:1"}}))
    found = configured(
        {
            "stateDir": "~/journal",
            "freeze": "/run/freeze",
            "siteCa": "ca.pem",
            "parallel": "128",
            "pace": "0.01",
            "lab": str(lab),
            "version": "0.1.0",
        }
    ).settings
    assert found.state_dir == Path("~/journal").expanduser()
    assert found.freeze == Path("/run/freeze")
    assert found.site_ca == Path("ca.pem")
    assert (found.parallel, found.pace) == (128, 0.01)
    assert found.lab is not None
    assert found.lab.endpoints == {"10.0.0.1": "https://127.0.0.1:1"}


@pytest.mark.parametrize(
    ("setting", "variable"),
    [
        ("stateDir", "AIFACTORY_STATE_DIR"),
        ("freeze", "AIFACTORY_FREEZE"),
        ("siteCa", "AIFACTORY_SITE_CA"),
        ("parallel", "AIFACTORY_PARALLEL"),
        ("pace", "AIFACTORY_PACE"),
        ("lab", "AIFACTORY_LAB"),
        ("secrets", None),
    ],
)
def test_each_but_the_secrets_has_a_variable(setting, variable):
    assert environment_variable(setting) == variable


def test_the_environment_stands_in_and_the_stack_wins():
    environment = {"AIFACTORY_PARALLEL": "8", "AIFACTORY_STATE_DIR": "/var/journal"}
    assert configured({}, environment).settings.parallel == 8
    assert configured({"parallel": ""}, environment).settings.parallel == 8
    assert configured({"parallel": 16}, environment).settings.parallel == 16
    assert configured({}, environment).settings.state_dir == Path("/var/journal")


def test_everything_that_is_wrong_is_said_at_once(tmp_path):
    with pytest.raises(ProviderError) as refused:
        configured(
            {"parallel": 0, "secrets": "root:calvin", "lab": str(tmp_path / "none.json")},
            {"AIFACTORY_PACE": "fast"},
        )
    assert str(refused.value) == (
        "aifactory:parallel has to be a whole number from 1 to 1024; "
        "AIFACTORY_PACE has to be a number from 0.001 to 1; "
        "aifactory:secrets has to be an object of texts: set `--path aifactory:secrets.NAME`; "
        f"aifactory:lab `{tmp_path / 'none.json'}`: No such file or directory"
    )


@pytest.mark.parametrize("text", ["[]", "no json", '"lab"'])
def test_a_file_that_is_no_lab_is_refused(tmp_path, text):
    file = tmp_path / "lab.json"
    file.write_text(text)
    with pytest.raises(ProviderError, match=r"lab\.json`: is no lab\.json"):
        configured({"lab": str(file)})


@pytest.mark.parametrize("secrets", [{"bmc": "root:calvin"}, '{"bmc": "root:calvin"}'])
def test_secrets_of_the_stack_come_as_an_object_or_as_its_json(secrets):
    found = configured({"secrets": secrets})
    assert found.secrets == {"bmc": "root:calvin"}
    assert "calvin" not in repr(found)


def test_config_of_a_program_of_the_same_name_is_not_ours():
    program = {"blueprint": "superpod-h100", "parameters": "{}", "unit": "fra1/compute"}
    assert configured(program) == configured({})
    assert checked_configuration(program).failures == []


@pytest.mark.parametrize(
    ("inputs", "failures"),
    [
        ({}, []),
        ({"parallel": "64", "pace": 1, "version": "0.1.0", "blueprint": "x"}, []),
        ({"parallel": UNKNOWN, "lab": UNKNOWN, "secrets": UNKNOWN, "pace": None}, []),
        ({"secrets": {"bmc": "root:calvin"}}, []),
        (
            {"parallel": 2000, "pace": "0"},
            [
                ("parallel", "has to be a whole number from 1 to 1024"),
                ("pace", "has to be a number from 0.001 to 1"),
            ],
        ),
        ({"parallel": True}, [("parallel", "has to be a whole number from 1 to 1024")]),
        ({"parallel": "1.5"}, [("parallel", "has to be a whole number from 1 to 1024")]),
        ({"freeze": 1}, [("freeze", "has to be a text")]),
        (
            {"secrets": {"bmc": 7}},
            [("secrets", "has to be an object of texts: set `--path aifactory:secrets.NAME`")],
        ),
    ],
)
def test_checking(inputs, failures):
    found = checked_configuration(inputs)
    assert [(failure.property, failure.reason) for failure in found.failures] == failures


def test_a_key_that_is_no_setting():
    (failure,) = checked_configuration({"bmcAdmin": "root:calvin"}).failures
    assert failure.reason == (
        "is no setting of the provider; "
        "known are `freeze`, `lab`, `pace`, `parallel`, `secrets`, `siteCa`, `stateDir`"
    )


@pytest.mark.parametrize(
    ("key", "meant"),
    [("state_dir", "stateDir"), ("siteCA", "siteCa"), ("paralel", "parallel"), ("Lab", "lab")],
)
def test_a_misspelt_setting(key, meant):
    (failure,) = checked_configuration({key: "x"}).failures
    assert failure.property == key
    assert failure.reason == f"is no setting of the provider; did you mean `{meant}`?"


def test_what_is_not_ours_is_left_out_of_the_state():
    found = checked_configuration({"blueprint": "x", "lab": "l", "version": "1"})
    assert found.inputs == {"lab": "l", "version": "1"}


def test_over_grpc(plugin, hidden, tmp_path):
    client = plugin(configured=False)
    kept, failures = client.check_config({"stateDr": "x", "parallel": "0"})
    assert kept == {"stateDr": "x", "parallel": "0"}
    assert failures == [
        "`parallel` has to be a whole number from 1 to 1024",
        "`stateDr` is no setting of the provider; did you mean `stateDir`?",
    ]
    client.configure({"stateDir": str(tmp_path), "secrets": hidden({"bmc": "root:calvin"})})
    with pytest.raises(client.refused) as refused:
        client.configure({"parallel": "0"})
    assert refused.value.code == "FAILED_PRECONDITION"
    assert refused.value.text == "aifactory:parallel has to be a whole number from 1 to 1024"


def test_secrets_are_kept_as_such_even_where_the_engine_does_not_say_so(plugin, hidden):
    """An engine checks configuration without saying what of it is secret."""
    kept, failures = plugin(configured=False).check_config({"secrets": '{"bmc": "root:calvin"}'})
    assert failures == []
    assert kept == {"secrets": hidden('{"bmc": "root:calvin"}')}


def test_no_change_of_configuration_replaces_anything(plugin):
    from pulumi.runtime.proto import provider_pb2

    client = plugin(configured=False)
    request = provider_pb2.DiffRequest(ignoreChanges=["lab"])
    request.old_inputs.update({"stateDir": "a", "freeze": "f", "lab": "1"})
    request.news.update({"stateDir": "b", "pace": 0.5, "lab": "2"})
    answer = client.ask("DiffConfig", request)
    assert list(answer.diffs) == ["freeze", "pace", "stateDir"]
    assert list(answer.replaces) == []
    request.news.CopyFrom(request.old_inputs)
    assert client.ask("DiffConfig", request).changes == provider_pb2.DiffResponse.DIFF_NONE


def test_secrets_of_the_stack_are_read_from_their_store_and_never_shown(plugin, notebook, hidden):
    token, seen = "aifactory:metal:Notebook", []

    async def create(name, inputs, around, *, preview):
        reference = {"store": "pulumi-config", "path": "bmcAdmin"}
        credentials = around.credentials(reference)
        seen.append((credentials.username, credentials.password))
        around.log("info", f"logged in with {credentials.password}")
        from aifactory_iac.providers.resource import Made

        return Made("x", {"title": credentials.password})

    notebook.create = create
    client = plugin(types={token: notebook}.__getitem__, configured=False)
    client.configure({"secrets": hidden('{"bmcAdmin": "root:calvin77"}')})
    assert client.create(token, {}) == ("x", {"title": hidden("calvin77")})
    assert seen == [("root", "calvin77")]
    assert client.lines == [("info", "r", "logged in with [secret]")]

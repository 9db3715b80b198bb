"""Pulumi's own checkpoint as it is read: rows, secrets, and the ways in which it is broken."""

from __future__ import annotations

import gzip
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aifactory_iac.deploy import FileBackend, ambient_passphrase, load_state, read_state
from aifactory_iac.deploy.state import NEVER_APPLIED
from aifactory_iac.deploy.wire import RESOURCE, SECRET, SIGNATURE
from aifactory_iac.findings import Severity
from aifactory_iac.program.planned import UNKNOWN, Secret

PASSPHRASE = "correct horse"
ROOT = "urn:pulumi:dev.fra1.compute::factory::"


def rules(state):
    return [(finding.rule, finding.severity) for finding in state.findings]


def refused(document) -> str:
    """The one finding of a state that cannot be relied on."""
    data = document if isinstance(document, bytes) else json.dumps(document).encode()
    state = read_state(data, "state.json")
    assert not state.readable
    assert state.resources == {}
    (finding,) = state.findings
    assert finding.severity is Severity.HIGH
    return f"{finding.rule}: {finding.message}"


def test_rows_are_read_with_ids_inputs_and_marks(checkpoints):
    provider = f"{ROOT}pulumi:providers:aws::fra::uuid-1"
    state = checkpoints.state(
        checkpoints.row("v:m:T", "t", {"size": 2.0, "half": 0.5}, provider=provider, protect=True),
        outputs={"x": 1},
    )
    (row,) = state.resources.values()
    assert (row.urn, row.id, row.custom, row.protect) == (f"{ROOT}v:m:T::t", "id-t", True, True)
    assert row.inputs == {"half": 0.5, "size": 2}
    assert type(row.inputs["size"]) is int
    assert row.provider == f"{ROOT}pulumi:providers:aws::fra"
    assert state.outputs == {"x": 1}
    assert (state.readable, state.findings) == (True, ())


def test_an_export_reads_like_the_file_of_a_backend(checkpoints):
    document = checkpoints.checkpoint(checkpoints.row("v:m:T", "t", {"a": 1}))
    export = {"version": 3, "deployment": document["checkpoint"]["latest"]}
    from_file = read_state(json.dumps(document).encode(), "a")
    from_export = read_state(json.dumps(export).encode(), "a")
    assert from_file.resources == from_export.resources != {}


def test_a_stack_that_was_made_and_never_applied_is_empty():
    data = json.dumps({"version": 3, "checkpoint": {"stack": "dev", "latest": None}}).encode()
    state = read_state(data, "a")
    assert (state.resources, state.findings, state.readable) == ({}, (), True)


def test_secrets_open_with_the_passphrase_at_any_depth(checkpoints, sealer):
    secret = sealer.secret
    row = checkpoints.row("v:m:T", "t", {"key": secret({"psk": "hush"}), "list": [secret("a"), 1]})
    state = checkpoints.state(row, passphrase=PASSPHRASE, secrets_providers=sealer.provider)
    (read,) = state.resources.values()
    assert read.inputs == {"key": Secret({"psk": "hush"}), "list": [Secret("a"), 1]}
    assert state.findings == ()


def test_a_secret_in_plaintext_is_still_a_secret(checkpoints):
    shown = {SIGNATURE: SECRET, "plaintext": '"hush"'}
    (row,) = checkpoints.state(checkpoints.row("v:m:T", "t", {"key": shown})).resources.values()
    assert row.inputs == {"key": Secret("hush")}


@pytest.mark.parametrize(
    ("passphrase", "reason"),
    [
        (None, "no passphrase is given"),
        ("", "the passphrase is not the right one"),
        ("wrong", "the passphrase is not the right one"),
    ],
)
def test_without_the_right_passphrase_secrets_stay_closed(checkpoints, sealer, passphrase, reason):
    row = checkpoints.row("v:m:T", "t", {"key": sealer.secret("hush")})
    state = checkpoints.state(row, passphrase=passphrase, secrets_providers=sealer.provider)
    (read,) = state.resources.values()
    assert read.inputs == {"key": Secret(UNKNOWN)}
    assert state.readable
    (finding,) = state.findings
    assert (finding.rule, finding.severity) == ("AIF-PLN-014", Severity.LOW)
    assert finding.message == f"Secrets of the last state are not compared: {reason}."


@pytest.mark.parametrize(
    ("provider", "reason"),
    [
        ({"type": "awskms", "state": {}}, "its secrets provider is awskms, not a passphrase"),
        (None, "its secrets provider is not named, not a passphrase"),
        ({"type": "passphrase", "state": {"salt": "v9:x"}}, "its salt is not of a known form"),
        (
            {"type": "passphrase", "state": {"salt": "v1:!!:v1:a:b"}},
            "the passphrase is not the right one",
        ),
    ],
)
def test_other_secrets_providers_are_named(checkpoints, sealer, provider, reason):
    row = checkpoints.row("v:m:T", "t", {"key": sealer.secret("hush")})
    state = checkpoints.state(row, passphrase=PASSPHRASE, secrets_providers=provider)
    assert state.findings[0].message.endswith(f"{reason}.")


def test_a_state_without_secrets_asks_for_no_passphrase(checkpoints, sealer):
    state = checkpoints.state(checkpoints.row("v:m:T", "t", {}), secrets_providers=sealer.provider)
    assert state.findings == ()


def test_a_damaged_ciphertext_closes_only_itself(checkpoints, sealer):
    good, bad = sealer.secret("a"), {**sealer.secret("b")}
    bad["ciphertext"] = bad["ciphertext"][:-6] + "AAAA=="
    row = checkpoints.row("v:m:T", "t", {"good": good, "bad": bad})
    state = checkpoints.state(row, passphrase=PASSPHRASE, secrets_providers=sealer.provider)
    (read,) = state.resources.values()
    assert read.inputs == {"bad": Secret(UNKNOWN), "good": Secret("a")}
    assert state.findings[0].message.endswith("a ciphertext is damaged.")


def test_a_reference_to_a_resource_is_its_id_or_else_its_urn(checkpoints):
    custom = {SIGNATURE: RESOURCE, "urn": "urn:x", "id": "vpc-1"}
    component = {SIGNATURE: RESOURCE, "urn": "urn:y"}
    row = checkpoints.row("v:m:T", "t", {"a": custom, "b": component})
    (read,) = checkpoints.state(row).resources.values()
    assert read.inputs == {"a": "vpc-1", "b": "urn:y"}


def test_leftovers_views_and_looked_up_rows_are_told_apart(checkpoints):
    row = checkpoints.row
    state = checkpoints.state(
        row("v:m:T", "t", {}),
        row("v:m:T", "t", {}, delete=True, id="old-1"),
        row("v:m:T", "read", {}, external=True),
        row("v:m:T", "view", {}, viewOf=f"{ROOT}v:m:T::t"),
        row("v:m:T", "half", {}, pendingReplacement=True, taint=True, initErrors=["no"]),
    )
    assert [left.id for left in state.leftovers] == ["old-1"]
    read = {urn.rsplit("::", 1)[1]: kept for urn, kept in state.resources.items()}
    assert sorted(read) == ["half", "read", "t", "view"]
    assert read["read"].external
    assert read["view"].view_of == f"{ROOT}v:m:T::t"
    assert (read["half"].pending_replacement, read["half"].taint) == (True, True)
    assert read["half"].has_init_errors


def test_operations_that_were_cut_short_are_reported(checkpoints):
    operation = {"type": "creating", "resource": checkpoints.row("v:m:T", "t", {})}
    state = checkpoints.state(pending_operations=[operation])
    assert state.pending == (("creating", f"{ROOT}v:m:T::t"),)
    assert rules(state) == [("AIF-PLN-013", Severity.MEDIUM)]


def test_a_state_that_the_engine_or_its_own_rows_call_damaged_is_said_to_be_so(checkpoints):
    row = checkpoints.row("v:m:T", "t", {})
    orphan = checkpoints.row("v:m:T", "o", {}, parent=f"{ROOT}a:b:Gone::g")
    state = checkpoints.state(row, row, orphan, metadata={"integrity_error": {"version": "v3"}})
    assert rules(state) == [("AIF-PLN-012", Severity.MEDIUM)] * 3
    assert state.readable


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (b"", "AIF-PLN-010: `state.json` is cut short or not JSON."),
        (b'{"version": 3, "checkp', "AIF-PLN-010: `state.json` is cut short or not JSON."),
        (b"\xff\xfe\x00", "AIF-PLN-010: `state.json` is cut short or not JSON."),
        (b"[" * 100_000, "AIF-PLN-010: `state.json` is nested too deep."),
        ([], "AIF-PLN-010: `state.json` is not a Pulumi checkpoint."),
        ({"version": "3"}, "AIF-PLN-010: `state.json` is not a Pulumi checkpoint."),
        (
            {"version": 3},
            "AIF-PLN-010: `state.json` has neither a checkpoint nor a deployment.",
        ),
        (
            {"version": 3, "deployment": []},
            "AIF-PLN-010: The deployment in `state.json` is not an object.",
        ),
        (
            {"version": 3, "deployment": {"resources": [{"urn": "x"}]}},
            "AIF-PLN-010: `state.json` has a resource without a URN and type.",
        ),
        (
            {"version": 5, "deployment": {}},
            "AIF-PLN-011: `state.json` has version 5, newer than 3 and 4 known here.",
        ),
        (
            {"version": 2, "deployment": {}},
            "AIF-PLN-011: `state.json` has version 2, older than 3 and 4 known here.",
        ),
        (
            {"version": 4, "features": ["views", "teleport"], "deployment": {}},
            "AIF-PLN-011: `state.json` uses features that are not known here: `teleport`.",
        ),
    ],
)
def test_what_cannot_be_relied_on_is_refused_with_the_reason(document, message):
    assert refused(document) == message


def test_known_features_of_version_four_are_read():
    document = {"version": 4, "features": ["views", "taint"], "deployment": {"resources": []}}
    assert read_state(json.dumps(document).encode(), "a").readable


@given(st.binary(max_size=200))
def test_no_bytes_make_it_raise(data):
    read_state(data, "state.json")


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["resources", "urn", "type", "inputs", "metadata", SIGNATURE]),
                inner,
                max_size=4,
            )
        ),
        max_leaves=12,
    )
)
def test_no_deployment_makes_it_raise(deployment):
    read_state(json.dumps({"version": 3, "deployment": deployment}).encode(), "state.json")


def test_a_file_backend_finds_the_state_of_a_stack(tmp_path, checkpoints):
    stacks = tmp_path / ".pulumi" / "stacks" / "factory"
    stacks.mkdir(parents=True)
    data = json.dumps(checkpoints.checkpoint(checkpoints.row("v:m:T", "t", {}))).encode()
    (stacks / "plain.json").write_bytes(data)
    (stacks / "packed.json.gz").write_bytes(gzip.compress(data))
    (stacks / "zstd.json.zst").write_bytes(b"\x28\xb5\x2f\xfd")
    (stacks / "short.json.gz").write_bytes(gzip.compress(data)[:-20])
    backend = FileBackend(tmp_path)

    plain, packed = backend.load("factory", "plain"), backend.load("factory", "packed")
    assert plain.resources == packed.resources != {}
    assert plain.digest == packed.digest != ""
    assert backend.load("factory", "absent") is NEVER_APPLIED
    assert not backend.load("factory", "zstd").readable
    assert not backend.load("factory", "short").readable
    assert not load_state(tmp_path).readable


def test_the_passphrase_is_found_as_the_cli_finds_it(tmp_path):
    file = tmp_path / "passphrase"
    file.write_text("from a file\n", encoding="utf-8")
    assert ambient_passphrase({}) is None
    assert ambient_passphrase({"PULUMI_CONFIG_PASSPHRASE": ""}) == ""
    assert ambient_passphrase({"PULUMI_CONFIG_PASSPHRASE_FILE": str(file)}) == "from a file"
    assert ambient_passphrase({"PULUMI_CONFIG_PASSPHRASE_FILE": str(tmp_path / "no")}) is None

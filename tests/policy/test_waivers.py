"""Waivers: exact, expiring, approved by another; one that does not hold excuses nothing."""

from __future__ import annotations

import datetime as dt

import pytest

from aifactory_iac.policy import WaiverState, evaluate, load_rules, load_waivers, read_waivers

AT = dt.date(2026, 11, 20)

WAIVER = {
    "rule": "XAM-CMP-001",
    "target": "compute.a.secure_boot",
    "finding": "off",
    "reason": "The signed driver arrives in March",
    "owner": "platform@example.org",
    "approver": "security@example.org",
    "ticket": "SEC-1234",
    "created": "2026-11-01",
    "expires": "2026-12-31",
}


def written(**changes):
    fields = {**WAIVER, **changes}
    lines = [f"{key}: {value!r}" for key, value in fields.items() if value is not None]
    text = "- " + "\n  ".join(lines) + "\n"
    for date in (fields["created"], fields["expires"]):
        text = text.replace(f"'{date}'", str(date))
    return text


@pytest.fixture
def gate(folder):
    """The rule stands beside the shipped ones, in a pack and profile of its own."""
    folder.rule()
    folder.write("packs/own.yaml", "name: own\ntitle: Own\nrules: [XAM-CMP-001]\n")
    return folder


def check(gate, tiny, text, at=AT, levels="{high: soft, medium: advisory, low: advisory}"):
    gate.profile("own", levels=levels)
    file = gate.path / "profiles" / "own.yaml"
    file.write_text(file.read_text().replace("packs: [core]", "packs: [own]"))
    verdict = evaluate(
        tiny("a", at=at),
        load_rules([gate.path]),
        profile="own",
        waivers=read_waivers(text, "waivers.yaml"),
    )
    own = [item for item in verdict.findings if item.rule.id == "XAM-CMP-001"]
    states = [
        (item.key, item.severity.value)
        for item in verdict.findings
        if item.rule.id == "AIF-GOV-015"
    ]
    return verdict, own, states


def test_a_waiver_that_holds_excuses_its_finding(gate, tiny):
    verdict, (own,), states = check(gate, tiny, written())
    assert own.waiver is not None
    assert own.waiver.ticket == "SEC-1234"
    assert (verdict.exit_code, verdict.counts["waived"], verdict.counts["fail"]) == (0, 1, 0)
    assert states == []
    assert verdict.document()["findings"][0]["waiver"]["expires"] == "2026-12-31"


@pytest.mark.parametrize(
    ("at", "code", "states"),
    [
        (dt.date(2026, 12, 16), 0, []),
        (dt.date(2026, 12, 17), 0, [("expiring", "low")]),
        (dt.date(2026, 12, 31), 0, [("expiring", "low")]),
        (dt.date(2027, 1, 1), 3, [("expired", "medium")]),
        (dt.date(2026, 10, 31), 3, [("malformed", "medium")]),
    ],
)
def test_the_last_day_is_inclusive_and_the_end_is_announced(gate, tiny, at, code, states):
    verdict, _, found = check(gate, tiny, written(), at=at)
    assert (verdict.exit_code, found) == (code, states)


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({"target": "compute.b.secure_boot"}, "unused"),
        ({"target": "compute.*.secure_boot"}, "unused"),
        ({"finding": "on"}, "unused"),
        ({"rule": "XAM-CMP-002"}, "unused"),
        ({"approver": "Platform@example.org"}, "self-approved"),
        ({"expires": "2027-01-31"}, "too-long"),
        ({"expires": "2026-10-31"}, "malformed"),
        ({"expires": None}, "malformed"),
        ({"reason": "because"}, "malformed"),
        ({"ticket": None}, "malformed"),
        ({"rule": "everything"}, "malformed"),
        ({"until": "2026-12-31"}, "malformed"),
        ({"expires": "tomorrow"}, "malformed"),
    ],
)
def test_a_waiver_that_does_not_hold_excuses_nothing_and_is_a_finding(gate, tiny, changes, state):
    verdict, (own,), states = check(gate, tiny, written(**changes))
    assert own.waiver is None
    assert verdict.exit_code == 3
    assert states == [(state, "medium")]


def test_a_hard_rule_cannot_be_waived(gate, tiny):
    verdict, (own,), states = check(gate, tiny, written(), levels="{high: hard, medium: advisory}")
    assert own.waiver is None
    assert (verdict.exit_code, states) == (3, [("not-waivable", "medium")])


def test_a_finding_about_a_waiver_stands_at_its_line(gate, tiny):
    text = "# the exceptions\n" + written() + written(finding="on")
    verdict, _, _ = check(gate, tiny, text)
    (finding,) = [item for item in verdict.findings if item.rule.id == "AIF-GOV-015"]
    assert finding.span is not None
    assert (finding.span.file, finding.span.line, finding.span.column) == ("waivers.yaml", 11, 3)
    assert finding.span.text == "- rule: 'XAM-CMP-001'"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a: [", "w.yaml is not YAML"),
        ("a: 1\n", "w.yaml is not a list of waivers"),
        ("- 3\n", "a waiver is a mapping"),
        ("- {rule: A, rule: B}\n", "w.yaml is not YAML"),
    ],
)
def test_a_file_that_is_no_list_of_waivers_waives_nothing(text, reason):
    waivers = read_waivers(text, "w.yaml")
    assert waivers.placed == ()
    assert [(use.state, use.reason) for use in waivers.malformed] == [
        (WaiverState.MALFORMED, reason)
    ]


def test_an_empty_file_is_no_waivers():
    assert read_waivers("# none\n", "w.yaml").malformed == ()


def test_files_that_cannot_be_read_say_so(tmp_path):
    (tmp_path / "binary.yaml").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "huge.yaml").write_text("#" * 1_000_001)
    reasons = [
        load_waivers(tmp_path / name, name).malformed[0].reason
        for name in ("none.yaml", "binary.yaml", "huge.yaml")
    ]
    assert reasons == [
        "none.yaml cannot be read: No such file or directory",
        "binary.yaml is not UTF-8 text",
        "huge.yaml is larger than 1 MB",
    ]


def test_a_waiver_file_is_read_from_disk(tmp_path):
    file = tmp_path / "waivers.yaml"
    file.write_text(written(), encoding="utf-8")
    (placed,) = load_waivers(file, "waivers.yaml").placed
    assert placed.waiver.expires == dt.date(2026, 12, 31)
    assert placed.span is not None
    assert (placed.span.file, placed.span.line) == ("waivers.yaml", 1)

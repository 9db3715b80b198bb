"""Every bad input is a finding with file, line, caret and hint; exit code 2; nothing written."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

HEAD = """\
apiVersion: aifactory/v1
kind: Blueprint
metadata: {name: tiny, version: 1.0.0}
"""
BODY = """\
sites:
  - name: hall
    kind: on-prem
    location: {country: DE}
    facility: {envelope: 1 MW}
compute:
  - {name: train, site: hall, system: dgx-h100, count: 4}
"""
GOOD = HEAD + BODY

BROKEN = {
    "not YAML": ("a: [1, 2", "YAML"),
    "empty": ("", "empty"),
    "only a comment": ("# nothing\n", "empty"),
    "a list": ("- a\n- b\n", "mapping"),
    "a scalar": ("hello\n", "mapping"),
    "wrong kind": (GOOD.replace("kind: Blueprint", "kind: Bluprint"), "Blueprint"),
    "wrong version of the language": (GOOD.replace("aifactory/v1", "aifactory/v9"), "aifactory/v1"),
    "no kind": (GOOD.replace("kind: Blueprint\n", ""), "kind"),
    "a missing key": (GOOD.replace("facility: {envelope: 1 MW}", "facility: {}"), "envelope"),
    "an unknown key": (GOOD.replace("count: 4", "coutn: 4"), "did you mean `count`?"),
    "an unknown layer": (GOOD.replace("compute:", "computes:"), "did you mean `compute`?"),
    "a key twice": (GOOD.replace("count: 4", "count: 4, count: 5"), "twice"),
    "a unit of another dimension": (GOOD.replace("1 MW", "1 MB"), "is a size"),
    "no unit": (GOOD.replace("1 MW", "1"), "no unit"),
    "a negative power": (GOOD.replace("1 MW", "-1 MW"), "negative"),
    "an unknown system": (GOOD.replace("dgx-h100", "dgx-h10"), "did you mean `dgx-h100`?"),
    "a site that is not there": (GOOD.replace("site: hall", "site: hal"), "did you mean `hall`?"),
    "a duplicate name": (
        GOOD + "  - {name: train, site: hall, system: dgx-h100, count: 2}\n", "train"),
    "a text for a number": (GOOD.replace("count: 4", "count: four"), "whole number"),
    "a negative count": (GOOD.replace("count: 4", "count: -4"), "0"),
    "an impossible count": (GOOD.replace("count: 4", "count: 99999999999"), "10000000"),
    "a reference that dangles": (GOOD.replace("count: 4", "count: '${nodes}'"), "nodes"),
    "references in a circle": (
        HEAD + "parameters:\n  a: {type: integer, default: '${b}'}\n"
        "  b: {type: integer, default: '${a}'}\n" + BODY.replace("count: 4", "count: '${a}'"),
        "circle"),
    "a parameter out of range": (
        HEAD + "parameters:\n  nodes: {type: integer, maximum: 8, default: 9}\n" + BODY, "8"),
    "a parameter with a broken schema": (
        HEAD + "parameters:\n  nodes: {type: integr, default: 9}\n" + BODY, "integr"),
    "an environment reference where it shapes the design": (
        GOOD.replace("count: 4", "count: '${env:NODES}'"), "environment"),
    "a parent that is not there": (
        GOOD.replace("metadata:", "extends: no-such-parent@^1\nmetadata:"), "no-such-parent"),
    "a parent that leads out of the folder": (
        GOOD.replace("metadata:", "extends: ../../../etc/passwd\nmetadata:"), "leads out of"),
    "an absolute parent": (
        GOOD.replace("metadata:", "extends: /etc/passwd\nmetadata:"), "/etc/passwd"),
    "a tag": (GOOD.replace("count: 4", "count: !!python/object/apply:os.system ['true']"), "tag"),
    "several documents": (GOOD + "---\n" + GOOD, "document"),
    "a tab": (GOOD.replace("    kind: on-prem", "\tkind: on-prem"), "tab"),
    "a bomb of aliases": (
        "a: &a [1,1,1,1,1,1,1,1,1,1]\n" + "".join(
            f"{chr(98 + i)}: &{chr(98 + i)} [{','.join(['*' + chr(97 + i)] * 10)}]\n"
            for i in range(9)),
        "alias"),
    "an alias of itself": ("a: &a [*a]\n", "stands inside"),
    "a depth of a thousand": ("[" * 1000 + "]" * 1000, "deep"),
    "an announced accelerator": (GOOD.replace("dgx-h100", "hgx-rubin-nvl8-compal"), "announced"),
    "a MIG profile of another GPU": (GOOD.replace("count: 4", "count: 4, mig: 1g.99gb"), "1g."),
}  # fmt: skip


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_document_is_refused_with_a_place_and_a_reason(run, blueprint, case):
    text, reason = BROKEN[case]
    file = blueprint(text)
    result = run("validate", file)
    assert result.code == 2
    assert result.out == ""
    assert reason.lower() in result.err.lower()
    assert f"{file.name}:" in result.err
    assert "Traceback" not in result.err
    assert "Internal error" not in result.err


def test_the_good_document_is_good(run, blueprint):
    assert run("validate", blueprint(GOOD)).code == 0


def test_all_findings_come_at_once_in_the_order_of_the_document(run, blueprint):
    text = (
        GOOD.replace("1 MW", "1 MB").replace("dgx-h100", "dgx-h10").replace("count: 4", "coutn: 4")
    )
    result = run("validate", blueprint(text), "--format", "json")
    findings = result.json["findings"]
    assert result.code == 2
    assert [(each["line"], each["path"]) for each in findings] == [
        (8, "sites.hall.facility.envelope"),
        (10, "compute.train.system"),
        (10, "compute.train.coutn"),
    ]


def test_a_finding_shows_the_line_with_a_caret_under_the_value(run, blueprint):
    result = run("validate", blueprint(GOOD.replace("1 MW", "1 MB")))
    lines = result.err.splitlines()
    shown = next(i for i, line in enumerate(lines) if "facility: {envelope: 1 MB}" in line)
    assert lines[shown + 1].index("^") == lines[shown].index("1 MB")
    assert any(line.strip().startswith("= hint:") for line in lines)


BYTES = {
    "binary": b"\x7fELF\x02\x01\x01\x00" * 64,
    "not UTF-8": GOOD.replace("tiny", "t\u00efny").encode("latin-1"),
    "UTF-16": GOOD.encode("utf-16"),
    "a null byte": GOOD.replace("tiny", "ti\0ny").encode(),
    "10 MB of YAML": (GOOD + "# " + "x" * 76 + "\n" * 1).encode()
    + b"# padding padding\n" * 600_000,
}


@pytest.mark.parametrize("case", BYTES)
def test_a_file_that_is_not_text_or_too_large_is_refused(run, tmp_path, case):
    file = tmp_path / "blueprint.yaml"
    file.write_bytes(BYTES[case])
    result = run("validate", file)
    assert result.code == 2
    assert "error AIF-DOC-" in result.err


def test_a_folder_without_a_blueprint_is_refused(run, tmp_path):
    result = run("validate", tmp_path)
    assert result.code == 2
    assert "blueprint.yaml" in result.err


def test_a_missing_file_is_refused(run, tmp_path):
    assert run("validate", tmp_path / "no.yaml").code == 2


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads every file")
def test_an_unreadable_file_is_refused(run, blueprint):
    file = blueprint(GOOD)
    file.chmod(0)
    assert run("validate", file).code == 2


def test_a_link_in_a_circle_is_refused(run, tmp_path):
    loop = tmp_path / "blueprint.yaml"
    loop.symlink_to(loop)
    assert run("validate", loop).code == 2


SECRET = "S3cr3t-hunter2-do-not-print"


@pytest.mark.parametrize("verb", ["validate", "plan", "check", "explain"])
def test_a_literal_secret_is_refused_and_never_printed(run, blueprint, verb):
    text = GOOD.replace("count: 4", f"count: 4, bmc: {{credentials: {SECRET}}}")
    arguments = (verb, blueprint(text), *(("compute.train.bmc",) if verb == "explain" else ()))
    for form in ("text", "json"):
        result = run(*arguments, "--format", form)
        assert result.code == 2
        assert SECRET not in result.out + result.err


def test_a_parameter_that_is_not_declared_names_the_nearest(run):
    result = run("validate", "superpod-h100", "-p", "scalable_unit=2")
    assert result.code == 2
    assert "did you mean `scalable_units`?" in result.err


def test_a_parameter_out_of_range_points_at_the_command_line(run):
    result = run("validate", "superpod-h100", "-p", "scalable_units=9", "--format", "json")
    assert result.code == 2
    assert [(each["layer"], each["path"]) for each in result.json["findings"]] == [
        ("command line", "parameters.scalable_units")
    ]


@pytest.mark.parametrize("verb", ["plan", "design", "export", "graph"])
def test_nothing_is_written_for_a_broken_document(run, blueprint, tmp_path, verb):
    file = blueprint(GOOD.replace("1 MW", "1 MB"))
    target = tmp_path / "out.svg"
    flag = {"plan": "--out", "design": "--out", "export": "--out", "graph": "-o"}[verb]
    assert run(verb, file, flag, target).code == 2
    assert sorted(each.name for each in tmp_path.iterdir()) == ["blueprint.yaml"]


def test_what_cannot_be_built_is_refused_with_the_numbers(run, blueprint):
    result = run("design", blueprint(GOOD.replace("count: 4", "count: 400")))
    assert result.code == 2
    assert "kW" in result.err or "MW" in result.err


def test_a_result_that_cannot_be_written_leaves_nothing(run, tmp_path):
    taken = tmp_path / "file"
    taken.write_text("")
    result = run("plan", "superpod-h100", "--out", taken / "plan.json")
    assert result.code == 1
    assert "cannot write" in result.err


def test_values_file_that_is_not_there(run, tmp_path):
    assert run("validate", "superpod-h100", "--values", tmp_path / "no.yaml").code == 2


def test_catalog_overlay_without_a_source_is_refused(run, tmp_path):
    overlay = tmp_path / "facts.yaml"
    overlay.write_text("systems:\n  - {id: our-server, gpus: 8}\n")
    result = run("validate", "superpod-h100", "--catalog", overlay)
    assert result.code == 2
    assert "facts.yaml:" in result.err


def test_paths_are_shown_as_the_user_wrote_them(run, monkeypatch, blueprint):
    file = blueprint(GOOD.replace("1 MW", "1 MB"))
    monkeypatch.chdir(file.parent)
    assert "--> blueprint.yaml:8:" in run("validate", Path("blueprint.yaml")).err

"""What is wrong with the words of `aifactory lab up` is said before anything is started."""

from __future__ import annotations

import pytest

from aifactory_iac.lab import extra, raising
from aifactory_iac.lab.boot import host_files
from aifactory_iac.lab.folder import FolderError


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """No test may leave or find a lab; none may start one either."""
    monkeypatch.setenv("AIFACTORY_STATE_DIR", str(tmp_path / "state"))
    yield tmp_path / "state"
    assert not (tmp_path / "state").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--only", "bmcs"), ("There is no kind of part `bmcs`; there are aws, bmc, cluster, "
                             "switches. Did you mean `bmc`?")),
        (("--only", ""), "There is no kind of part ``"),
        (("--site", "plant-mcu"), ("There is no site `plant-mcu`; there are hub, plant-lyo, "
                                  "plant-muc. Did you mean `plant-muc`?")),
        (("--pool", "mcu"), "There is no pool `mcu`; there are lyo, muc. Did you mean `muc`?"),
        (("--limit", "0"), "0 is not in the range x>=1"),
        (("--pace", "-1"), "-1.0 is not in the range x>=0"),
        (("--for", "ever"), "Invalid value for --for"),
        (("--for", "0 s"), "a lab lives longer than that"),
        (("--boot", "muc-n0003"), ("There is no machine in this lab `muc-n0003`. "
                                  "Did you mean `muc-n0002`?")),
        (("--boot", "muc-n0001", "--only", "aws"), "a machine boots by its controller: add bmc"),
    ],
)  # fmt: skip
def test_a_slip_of_the_fingers_is_told_what_was_meant(run, words, said):
    result = run("lab", "up", "edge-inference", *words)
    assert (result.code, result.out) == (2, "")
    assert said in " ".join(result.err.split())


def test_an_invalid_blueprint_is_shown_as_everywhere(run, tiny):
    result = run("lab", "up", tiny("1 MW", "1 MB"))
    assert (result.code, result.out) == (2, "")
    assert "AIF-DOC" in result.err


def test_what_cannot_be_built_is_shown_as_everywhere(run, tiny):
    result = run("lab", "up", tiny("count: 4", "count: 40000"))
    assert result.code == 2
    assert "error AIF-DSN" in result.err


def test_too_many_machines_are_a_finding_with_the_way_out(run):
    result = run("lab", "up", "colossus-100k")
    assert result.code == 2
    assert "AIF-LAB-002 compute: A lab of this would have 12,500 machines" in result.err
    assert "= hint: choose some with `--limit 256`, `--pool " in result.err


def test_a_fault_file_with_mistakes_is_shown_with_line_and_caret(run, tmp_path):
    file = tmp_path / "faults.yaml"
    file.write_text("faults:\n  - {use: bmclib-459-half-stored-boots}\n  - {switch: x}\n")
    result = run("lab", "up", "edge-inference", "--faults", file)
    assert (result.code, result.out) == (2, "")
    assert result.err == (
        "error AIF-LAB-008 faults[0].use: `use`: there is no fault `bmclib-459-half-stored-boots` "
        "in the catalogue\n"
        f"  --> {file}:2:11 (fault file)\n"
        "  |\n"
        "2 |   - {use: bmclib-459-half-stored-boots}\n"
        "  |           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^\n"
        "  = hint: did you mean `bmclib-459-half-stored-boot`?\n"
        "\n"
        "error AIF-LAB-007 faults[1]: `effect` is missing here\n"
        f"  --> {file}:3:5 (fault file)\n"
        "  |\n"
        "3 |   - {switch: x}\n"
        "  |     ^\n"
        "  = hint: add `effect:`\n"
        "\n"
        "2 errors\n"
    )
    told = run("lab", "up", "edge-inference", "--faults", file, "--format", "json")
    assert (told.code, told.err, told.json["kind"]) == (2, "", "Findings")


def test_an_extra_that_is_not_installed_is_named_with_the_way_to_get_it(run, monkeypatch):
    monkeypatch.setattr(extra.importlib.util, "find_spec", lambda _: None)
    result = run("lab", "up", "edge-inference")
    assert (result.code, result.out) == (1, "")
    assert result.err == (
        "Error: this lab needs sushy-tools, moto, moto[server], not installed here: "
        "pip install 'aifactory-iac[lab]'\n"
    )


def test_a_machine_that_cannot_be_booted_here_is_said_so(run, monkeypatch):
    def missing() -> None:
        raise host_files.MissingError("booting for real needs xorriso: apt-get install xorriso")

    monkeypatch.setattr(host_files, "found", missing)
    result = run("lab", "up", "edge-inference", "--boot", "muc-n0001")
    assert result.code == 1
    assert result.err == "Error: booting for real needs xorriso: apt-get install xorriso\n"


def test_a_folder_that_cannot_be_made_is_said_so(run, tmp_path, monkeypatch):
    def denied(*_: object) -> None:
        raise FolderError("/labs: Permission denied")

    monkeypatch.setattr(raising, "raised", denied)
    result = run("lab", "up", "edge-inference")
    assert (result.code, result.err) == (1, "Error: /labs: Permission denied\n")


@pytest.mark.parametrize("verb", ["status", "down"])
def test_where_there_is_no_lab_it_is_said_so(run, verb):
    result = run("lab", verb, "--format", "json")
    assert result.code == 0
    assert result.json == {"schemaVersion": 1, "kind": "Labs", "labs": []}

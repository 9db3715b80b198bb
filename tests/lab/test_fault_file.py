"""A fault file is read with positions; all that is wrong with it is said at once."""

from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aifactory_iac.lab.fault_file import MAX_BYTES, read_faults
from aifactory_iac.lab.faults import Faults
from aifactory_iac.lab.folder import Folder
from aifactory_iac.lab.selection import Selection, selected


@pytest.fixture
def said(stock, tmp_path):
    """Writes a text as a fault file; gives its findings as lines, or its faults."""
    wanted = selected(stock("superpod-h100", scalable_units="1"), Selection(limit=3))

    def saying(text: str | bytes):
        file = tmp_path / "faults.yaml"
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        found = read_faults(file, wanted)
        if not found.findings:
            return found.faults
        assert found.faults == Faults()
        assert all(each.span.file == file.as_posix() for each in found.findings)
        return [
            f"{each.rule} {each.span.line}:{each.span.column} {each.message}; {each.hint}"
            for each in found.findings
        ]

    return saying


GOOD = """\
schemaVersion: 1
seed: 7
faults:
  - {use: bmclib-459-half-stored-boot, when: {machine: dgx-su001-n01}}
  - {switch: "in-band-leaf-*", method: PATCH, effect: drop-answer}
  - name: lost reset
    when: {method: POST, path: {contains: Reset}, times: 1}
    do: {kind: lose-answer}
"""


def test_machines_and_switches_are_told_apart_and_keep_their_order(said):
    faults = said(GOOD)
    assert [each.get("use", each.get("name")) for each in faults.machines] == [
        "bmclib-459-half-stored-boot", "lost reset",
    ]  # fmt: skip
    assert [each["effect"] for each in faults.switches] == ["drop-answer"]
    assert faults.seed == 7


def test_what_is_written_for_the_parts_reads_back(said, tmp_path):
    faults = said(GOOD)
    faults.write(Folder(tmp_path))
    assert Faults.read(Folder(tmp_path)) == faults


def test_the_parts_understand_what_is_written_for_them(said, tmp_path):
    from aifactory_iac.lab.redfish.faults import reading
    from aifactory_iac.lab.switches import faults as of_switches

    folder = Folder(tmp_path)
    said(GOOD).write(folder)
    assert [rule.name for rule in reading.load(folder.machine_faults).rules] == [
        "bmclib-459-half-stored-boot", "lost reset",
    ]  # fmt: skip
    assert [each.effect for each in of_switches.read(folder.switch_faults)] == ["drop-answer"]
    Faults().write(folder)
    assert reading.load(folder.machine_faults).rules == ()
    assert of_switches.read(folder.switch_faults) == ()


WRONG = {
    # The document.
    "[]": [("AIF-LAB-007 1:1 A fault file is a mapping with a list under `faults`; "
           "start with `faults:`")],
    "": [("AIF-LAB-007 1:1 A fault file is a mapping with a list under `faults`; "
         "start with `faults:`")],
    "seed: 1": ["AIF-LAB-007 1:1 `faults` is a list of faults; write `faults: []` for none"],
    "faults: {a: 1}": [
        "AIF-LAB-007 1:9 `faults` is a list of faults; write `faults: []` for none"
    ],
    "fault: []\nfaults: []": [
        "AIF-LAB-007 1:1 A fault file has no `fault`; did you mean `faults`?"
    ],
    "faults: []\nseed: yes": ["AIF-LAB-007 2:7 `seed` is a whole number; write `seed: 0`"],
    "faults: []\nseed: true": ["AIF-LAB-007 2:7 `seed` is a whole number; write `seed: 0`"],
    "faults: []\nschemaVersion: 2": [
        "AIF-LAB-007 2:16 `schemaVersion` is 1; leave it out"
    ],
    "faults: [x]": [
        "AIF-LAB-007 1:10 A fault is a mapping; write `use: NAME`, or `name`, `when` and `do`"
    ],
    "faults: &a []": [
        "AIF-LAB-006 1:9 This is not plain YAML: anchors are not allowed here; None"
    ],
    "faults: [": [
        ("AIF-LAB-006 2:1 This is not plain YAML: while parsing a flow node did not find expected "
        "node content; None")
    ],
    b"faults: \xff": ["AIF-LAB-005 1:1 The fault file `FILE` is not UTF-8 text (byte 8); None"],
    "#" * (MAX_BYTES + 1): [
        "AIF-LAB-005 1:1 The fault file `FILE` is larger than 256 KiB; None"
    ],
    # Faults of the catalogue.
    "faults: [{use: bmclib-459-half-stored-boots}]": [
        ("AIF-LAB-008 1:16 `use`: there is no fault `bmclib-459-half-stored-boots` in the "
        "catalogue; did you mean `bmclib-459-half-stored-boot`?")
    ],
    "faults: [{use: bmclib-459-half-stored-boot, when: {machin: n1}}]": [
        "AIF-LAB-007 1:52 There is no field `machin` here; did you mean `machine`?"
    ],
    "faults: [{use: bmclib-459-half-stored-boot, when: {machine: dgx-su001-n09}}]": [
        ("AIF-LAB-009 1:61 This lab has no machine `dgx-su001-n09`; "
        "did you mean `dgx-su001-n03`?")
    ],
    # Faults of one's own.
    "faults: [{when: {}}]": [
        "AIF-LAB-007 1:10 `do` is missing here; add `do:`",
        "AIF-LAB-007 1:10 `name` is missing here; add `name:`",
    ],
    "faults: [{name: a, do: {status: 500}}]": [
        "AIF-LAB-007 1:24 `kind` is missing here; add `kind:`"
    ],
    "faults: [{name: a, do: {kind: answr}}]": [
        "AIF-LAB-008 1:31 `kind`: there is no kind `answr`; did you mean `answer`?"
    ],
    "faults: [{name: a, do: {kind: answer, statu: 500}}]": [
        "AIF-LAB-007 1:24 `status` is missing here; add `status:`",
        "AIF-LAB-007 1:39 There is no field `statu` here; did you mean `status`?",
    ],
    "faults: [{name: a, do: {kind: answer, status: 700}}]": [
        "AIF-LAB-008 1:47 `status`: input should be less than or equal to 599; None"
    ],
    "faults: [{name: a, when: {path: {contans: x}}, do: {kind: drop}}]": [
        "AIF-LAB-007 1:34 There is no field `contans` here; did you mean `contains`?"
    ],
    "faults: [{name: a, when: {path: {regex: '('}}, do: {kind: drop}}]": [
        ("AIF-LAB-008 1:41 `regex`: is no regular expression: missing ), unterminated subpattern "
        "at position 0; None")
    ],
    "faults: [{name: a, when: {path: 5}, do: {kind: drop}}]": [
        "AIF-LAB-008 1:33 `path`: input should be an object; None"
    ],
    "faults: [{name: a, when: {method: POTS}, do: {kind: drop}}]": [
        "AIF-LAB-008 1:35 `method`: is none of 'GET', 'POST', 'PATCH', 'PUT' or 'DELETE'; None"
    ],
    # Faults of switches.
    "faults: [{switch: '*', effect: drp}]": [
        ("AIF-LAB-008 1:32 `effect`: is none of 'status', 'delay', 'drop', 'drop-answer', 'lie' or "
        "'isolate'; None")
    ],
    "faults: [{switch: '*', efect: drop, effect: drop}]": [
        "AIF-LAB-007 1:24 There is no field `efect` here; did you mean `effect`?"
    ],
    "faults: [{switch: '*'}]": ["AIF-LAB-007 1:10 `effect` is missing here; add `effect:`"],
    "faults: [{switch: core-*, effect: drop}]": [
        ("AIF-LAB-009 1:19 This lab has no switch `core-*`; there are: `compute-leaf-dgx-001-r1`, "
        "`in-band-leaf-dgx-001-r1`, `out-of-band-leaf-dgx-001`")
    ],
}  # fmt: skip


@pytest.mark.parametrize("text", WRONG, ids=lambda text: str(text)[:60])
def test_a_mistake_is_a_finding_with_its_place_and_the_way_out(said, tmp_path, text):
    file = (tmp_path / "faults.yaml").as_posix()
    assert said(text) == [each.replace("FILE", file) for each in WRONG[text]]


def test_all_mistakes_are_said_at_once_in_the_order_of_the_file(said):
    lines = said(
        "faults:\n  - {use: nothing-of-the-kind}\n  - {switch: '*', effect: 5}\n  - {name: a}\n"
    )
    assert [line.split()[1].split(":")[0] for line in lines] == ["2", "3", "4"]


def test_a_file_that_cannot_be_read_says_why(stock, tmp_path):
    def message(file) -> str:
        (only,) = read_faults(file, stock("edge-inference")).findings
        assert only.rule == "AIF-LAB-005"
        return only.message

    assert message(tmp_path / "no") == (
        f"The fault file `{tmp_path / 'no'}` cannot be read: No such file or directory"
    )
    assert message(tmp_path) == f"The fault file `{tmp_path}` is not a regular file"
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    assert message(pipe) == f"The fault file `{pipe}` is not a regular file"


def test_a_lab_without_switches_has_no_faults_of_switches(stock, tmp_path):
    file = tmp_path / "faults.yaml"
    file.write_text("faults: [{switch: '*', effect: drop}]")
    (only,) = read_faults(file, stock("edge-inference")).findings
    assert (only.message, only.hint) == ("This lab has no switch `*`", None)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 700) | st.text("abz* ", max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["use", "name", "when", "do", "kind", "switch", "effect", "path", "times"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(JSON)
def test_whatever_a_file_holds_nothing_is_raised(stock, tmp_path_factory, value):
    import json

    file = tmp_path_factory.mktemp("faults") / "faults.yaml"
    file.write_text(json.dumps({"faults": value}))
    found = read_faults(file, stock("edge-inference"))
    assert found.findings or found.faults is not None
    assert all(each.span is not None for each in found.findings)

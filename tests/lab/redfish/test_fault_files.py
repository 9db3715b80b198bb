"""Fault files: a closed language, and everything that is wrong said at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from aifactory_iac.lab.redfish.faults.behaviour import STANDING
from aifactory_iac.lab.redfish.faults.model import schema
from aifactory_iac.lab.redfish.faults.reading import catalogue, load, named, parse
from aifactory_iac.lab.redfish.spec import SpecError


def _rule(**other: Any) -> dict[str, Any]:
    return {"name": "x", "do": {"kind": "drop"}, **other}


@pytest.mark.parametrize(
    ("document", "problems"),
    [
        ({"fautls": []}, ["fautls: there is no such key here"]),
        ({"faults": [_rule(when={"pth": "/"})]}, ["faults.0.when.pth: there is no such key here"]),
        ({"faults": [{"do": {"kind": "drop"}}]}, ["faults.0.name: field required"]),
        (
            {
                "faults": [
                    _rule(do={"kind": "answer", "status": 99}),
                    {"use": "drop", "when": {"times": 0}},
                ]
            },
            [
                "faults.0.do.status: input should be greater than or equal to 200",
                "faults.1.when.times: input should be greater than or equal to 1",
            ],
        ),
        (
            {"faults": [_rule(when={"path": {"regex": "("}, "method": ["GET", "PUSH"]})]},
            [
                "faults.0.when.method.1: input should be 'GET', 'POST', 'PATCH', 'PUT' or 'DELETE'",
                (
                    "faults.0.when.path.regex: is no regular expression: "
                    "missing ), unterminated subpattern at position 0"
                ),
            ],
        ),
        (
            {"faults": [_rule(when={"path": {}, "probability": 2})]},
            [
                "faults.0.when.path: give `contains` or `regex`, one of them",
                "faults.0.when.probability: input should be less than or equal to 1",
            ],
        ),
        (
            {"faults": [_rule(do={"kind": "delay", "seconds": -1})]},
            ["faults.0.do.seconds: input should be greater than or equal to 0"],
        ),
        (
            {"faults": [_rule(when={"times": 1}, do={"kind": "session-limit", "sessions": 1})]},
            [
                (
                    "faults.0: `session-limit` is there all the time: "
                    "it takes `machine` and `model` only, not times"
                )
            ],
        ),
        (
            {"faults": [{"use": "lost-answer-to-rest"}]},
            [
                (
                    "faults.0.use: there is no fault `lost-answer-to-rest` in the catalogue; did "
                    "you mean `lost-answer-to-reset` or `lost-answer-to-insert` or "
                    "`lost-answer-to-patch`?"
                )
            ],
        ),
        ([1], ["(document): must be a mapping"]),
    ],
)  # fmt: skip
def test_what_is_wrong(document: Any, problems: list[str]) -> None:
    with pytest.raises(SpecError) as caught:
        parse(document)
    assert list(caught.value.problems) == problems


def test_a_kind_that_there_is_not_is_told_the_kinds() -> None:
    with pytest.raises(SpecError) as caught:
        parse({"faults": [_rule(do={"kind": "explode"})]})
    (problem,) = caught.value.problems
    assert problem.startswith(
        "faults.0.do: there is no kind `explode`; known are 'answer', 'delay'"
    )
    assert "'lose-answer'" in problem


def test_a_name_like_no_other_is_told_them_all() -> None:
    with pytest.raises(SpecError) as caught:
        parse({"faults": [{"use": "zzz"}]})
    assert "known are another-serial, bmc-gone-after-flash" in str(caught.value)


def test_yaml_and_json_files_are_read_and_places_of_mistakes_named(tmp_path: Path) -> None:
    path = tmp_path / "faults.yaml"
    path.write_text("faults:\n  - use: connection-dropped\n")
    assert [rule.name for rule in load(path).rules] == ["connection-dropped"]
    path.write_text('{"faults": [{"use": "connection-dropped"}]}')
    assert len(load(path).rules) == 1
    path.write_text("")
    assert load(path).rules == ()
    path.write_text("faults: [\n")
    with pytest.raises(SpecError, match=r"faults.yaml:2:1: "):
        load(path)
    with pytest.raises(SpecError, match="No such file"):
        load(tmp_path / "none.yaml")


def test_a_use_is_laid_over_the_catalogue() -> None:
    (rule,) = named("lost-answer-to-reset", machine="n0002", times=3).rules

    assert (rule.when.machine, rule.when.times) == ("n0002", 3)
    assert rule.when.path == "*/Actions/ComputerSystem.Reset"
    assert rule.do.kind == "lose-answer"


def test_every_fault_of_the_catalogue_has_a_source_and_a_lesson() -> None:
    assert len(catalogue()) >= 40
    for name, entry in catalogue().items():
        assert "#" in entry.source or "research 07" in entry.source or "/" in entry.source, name
        assert entry.meaning.endswith("."), name


def test_standing_faults_name_no_request() -> None:
    for entry in catalogue().values():
        if isinstance(entry.do, STANDING):
            assert entry.when.model_fields_set <= {"machine", "model"}


def test_the_schema_documents_every_key() -> None:
    definitions = schema()["$defs"]
    for name in ("When", "Answers", "Rewrites", "TaskEnds", "Gone"):
        for key, about in definitions[name]["properties"].items():
            if key not in ("kind", "machine", "model"):
                assert about.get("description"), f"{name}.{key}"

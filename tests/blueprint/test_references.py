"""`${...}`: what it may name, what it becomes, and what never expands."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from aifactory_iac.blueprint import Loaded, parse_path
from aifactory_iac.blueprint.nodes import Node, plain
from aifactory_iac.blueprint.reader import read_document
from aifactory_iac.blueprint.references import Resolver

Load = Callable[..., Loaded]


def _node(text: str) -> Node:
    root = read_document(text.encode(), "x.yaml", "blueprint").root
    assert root is not None
    return root


def _resolve(document: str, parameters: str = "{}") -> tuple[object, list[str]]:
    resolver = Resolver(_node(document), _node(parameters).entries)
    return plain(resolver.document()), [each.rule for each in resolver.findings]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("${n}", 4),
        ("${f}", 70e9),
        ("${b}", True),
        ("${l}", [1, 2]),
        ("${m.key}", "inner"),
        ("${m.list[1]}", 20),
        ("${n} nodes", "4 nodes"),
        ("${f} of ${b}", "70e9 of true"),
        ("$${n}", "${n}"),
        ("a $${n} ${n}", "a ${n} 4"),
        ("$n and $", "$n and $"),
        ("${sites.fra1.region}", "eu"),
        ("${sites[0].region}", "eu"),
        ("${chain}", "eu"),
        ("${whole.fra1.region}", "eu"),
    ],
)
def test_a_reference_becomes_what_it_names(text: str, value: object) -> None:
    document = "{v: '" + text + "', sites: [{name: fra1, region: eu}], "
    document += "chain: '${sites.fra1.region}', whole: '${sites}'}"
    parameters = "{n: 4, f: 70e9, b: true, l: [1, 2], m: {key: inner, list: [10, 20]}}"
    result, findings = _resolve(document, parameters)
    assert isinstance(result, dict)
    assert result["v"] == value
    assert findings == []


@pytest.mark.parametrize(
    ("document", "rules"),
    [
        ("{a: '${b}', b: '${a}'}", ["AIF-DOC-051"]),
        ("{a: '${a}'}", ["AIF-DOC-051"]),
        ("{a: {b: '${a}'}}", ["AIF-DOC-051"]),
        ("{a: '${b.c}', b: '${a}'}", ["AIF-DOC-051"]),
        ("{a: '${none}', c: '${a}'}", ["AIF-DOC-050"]),
        ("{a: {x: 1}, b: '${a.y}'}", ["AIF-DOC-050"]),
        ("{a: [1], b: '${a[3]}'}", ["AIF-DOC-050"]),
        ("{a: ~, b: 'x${a}'}", ["AIF-DOC-054"]),
        ("{a: [1], b: 'x${a}'}", ["AIF-DOC-054"]),
        ("{a: '${'}", ["AIF-DOC-052"]),
        ("{a: '${a..b}'}", ["AIF-DOC-052"]),
        ("{a: '${ a }'}", ["AIF-DOC-052"]),
        ("{a: '${env:}'}", ["AIF-DOC-052"]),
        ("{a: 'x ${env:HOME}'}", ["AIF-DOC-053"]),
    ],
)
def test_what_leads_nowhere(document: str, rules: list[str]) -> None:
    assert _resolve(document)[1] == rules


def test_a_text_that_doubles_itself_stops() -> None:
    chain = ", ".join(f"t{n}: '${{t{n - 1}}}${{t{n - 1}}}'" for n in range(1, 40))
    rules = set(_resolve("{t0: xxxxxxxx, " + chain + "}")[1])
    assert rules == {"AIF-DOC-055"}


def test_a_very_long_chain_stops() -> None:
    chain = ", ".join(f"t{n}: '${{t{n + 1}}}'" for n in range(500))
    assert "AIF-DOC-055" in _resolve("{" + chain + ", t500: 1}")[1]


def test_the_environment_is_never_read(load_text: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (Path(__file__).parent / "bad" / "base.yaml").read_text(encoding="utf-8")
    before = load_text(text)
    monkeypatch.setenv("AWS_ACCOUNT_ID", "123456789012")
    after = load_text(text)
    assert before.blueprint is not None
    assert before.blueprint == after.blueprint
    assert before.digest == after.digest
    (account,) = [getattr(s, "account", None) for s in before.blueprint.sites if s.kind == "aws"]
    assert account == "${env:AWS_ACCOUNT_ID}"


def test_a_value_put_in_keeps_the_place_of_its_use(load_text: Load) -> None:
    text = (Path(__file__).parent / "bad" / "base.yaml").read_text(encoding="utf-8")
    loaded = load_text(text)
    span = loaded.origins.at(("compute", "train", "count"))
    assert span is not None
    assert (span.line, span.text[span.column - 1 :][: span.length]) == (19, '"${nodes}"')


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("compute.train.count", ("compute", "train", "count")),
        ("links[0].between[1]", ("links", 0, "between", 1)),
        ("governance.approvals.data-loss", ("governance", "approvals", "data-loss")),
        ("", None),
        ("a.", None),
        ("a b", None),
        ("a[x]", None),
    ],
)
def test_a_path_as_users_write_it(text: str, path: object) -> None:
    assert parse_path(text) == path

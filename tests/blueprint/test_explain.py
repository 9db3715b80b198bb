"""`explain`: the chain of a value across all layers, its meaning, and what a change would do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from aifactory_iac.blueprint import Loaded, Request, impact_of, load
from aifactory_iac.blueprint.explain import explain
from aifactory_iac.blueprint.spec import Impact
from aifactory_iac.catalog import Catalog


@pytest.fixture
def loaded(write: Callable[..., Path], catalog: Catalog) -> Loaded:
    write("base.yaml", (Path(__file__).parent / "bad" / "base.yaml").read_text(encoding="utf-8"))
    stack = write(
        "stack.yaml",
        "apiVersion: aifactory/v1\nkind: Stack\nmetadata: {name: prod}\nblueprint: ./base.yaml\n"
        "parameters: {nodes: 5}\noverlay:\n  sites: [{name: fra1, facility: {envelope: 3 MW}}]\n",
    )
    return load(Request(str(stack), {"nodes": "6"}), catalog)


def _chain(loaded: Loaded, path: str) -> list[tuple[str, str, int | None]]:
    return [
        (step.layer, step.text, step.span.line if step.span else None)
        for step in explain(loaded, path).chain
    ]


def test_a_value_that_a_stack_overrides(loaded: Loaded) -> None:
    explained = explain(loaded, "sites.fra1.facility.envelope")
    assert explained.value == "3 MW"
    assert explained.unit == "W"
    assert explained.type == "a power, such as `44 kW`"
    assert explained.doc == "Most facility power the site may draw, cooling included."
    assert (explained.impact, explained.shrink, explained.required) == (Impact.NONE, None, True)
    assert _chain(loaded, "sites.fra1.facility.envelope") == [
        ("blueprint", "2 MW", 11),
        ("stack", "3 MW", 7),
    ]


def test_a_value_from_a_parameter_shows_the_parameters_chain_too(loaded: Loaded) -> None:
    explained = explain(loaded, "compute.train.count")
    assert (explained.value, explained.impact, explained.shrink) == (
        6,
        Impact.ROLLING,
        Impact.DRAIN,
    )
    assert explained.allowed == ("0 or more", "10000000 or less")
    assert _chain(loaded, "compute.train.count") == [
        ("default", "not given", None),
        ("blueprint", '"${nodes}"', 19),
        ("blueprint", "4", 6),
        ("stack", "5", 5),
        ("command line", "6", 1),
    ]
    assert explained.chain[1].note == "refers to `parameters.nodes`"


def test_a_default_that_nobody_wrote(loaded: Loaded) -> None:
    explained = explain(loaded, "sites.fra1.facility.feeds.redundancy")
    assert (explained.value, explained.default, explained.written) == ("2N", "2N", False)
    assert explained.allowed == ("N", "N+1", "2N")
    assert _chain(loaded, "sites.fra1.facility.feeds.redundancy") == [("default", "2N", None)]


def test_a_parameter_has_the_impact_of_what_it_is_used_for(loaded: Loaded) -> None:
    explained = explain(loaded, "parameters.nodes")
    assert (explained.value, explained.default) == (6, 4)
    assert (explained.impact, explained.shrink) == (Impact.ROLLING, Impact.DRAIN)
    assert explained.allowed == ("1 or more", "8 or less")


def test_an_item_and_a_list(loaded: Loaded) -> None:
    assert explain(loaded, "storage.tiers.lake").value == {
        "name": "lake",
        "site": "cloud",
        "kind": "object",
    }
    assert explain(loaded, "fabric.compute.serves[0]").refers_to == "compute"
    assert explain(loaded, "compute.train.system").catalog == "systems"


@pytest.mark.parametrize(
    ("path", "message", "hint"),
    [
        (
            "compute.trian.count",
            "`compute.trian.count` leads nowhere: `compute` has no `trian`",
            "did you mean `train`? keys: `burst`, `train`",
        ),
        (
            "sites.fra1.facility.envelop",
            "`sites.fra1.facility.envelop` leads nowhere: `sites.fra1.facility` has no `envelop`",
            (
                "did you mean `envelope`? keys: `carbon`, `cooling`, `electricity`, `envelope`, "
                "`feeds`, `leak_detection`, `pue`, `racks`, `ramp`, `renewable_share`, `supply_air`"
            ),
        ),
        (
            "parameters.node",
            "`parameters.node` leads nowhere: `parameters` has no `node`",
            "did you mean `nodes`? keys: `nodes`",
        ),
        ("..", "`..` is not a path", "write it like `compute.train.count` or `links[0]`"),
    ],
)
def test_a_path_to_nothing(path: str, message: str, hint: str, loaded: Loaded) -> None:
    (finding,) = explain(loaded, path).findings
    assert (finding.rule, finding.message, finding.hint) == ("AIF-DOC-080", message, hint)


@pytest.mark.parametrize(
    ("path", "shrink", "impact"),
    [
        (("compute", "any", "count"), False, Impact.ROLLING),
        (("compute", "any", "count"), True, Impact.DRAIN),
        (("storage", "tiers", "x", "capacity"), True, Impact.DATA_LOSS),
        (("sites", "x", "region"), False, Impact.REPLACE),
        (("sites", "x", "facility", "pue", "design"), False, Impact.NONE),
        (("compute", "any"), False, Impact.REPLACE),
        (("compute", "any", "no-such-key"), False, Impact.REPLACE),
        (("orchestration", "workloads", "x", "engine"), False, Impact.ROLLING),
        ((), False, Impact.REPLACE),
    ],
)
def test_the_impact_of_a_change(path: tuple[str | int, ...], shrink: bool, impact: Impact) -> None:
    assert impact_of(path, shrink=shrink) is impact

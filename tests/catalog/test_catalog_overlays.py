"""Facts of one's own: what an overlay may say, what it means, and what is found in a bad one."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from aifactory_iac.catalog import Catalog
from aifactory_iac.catalog.rules import RULES
from aifactory_iac.findings import Finding, Severity, render_path

Lay = Callable[..., Catalog]


def told(catalog: Catalog) -> list[tuple[str, str, int, int]]:
    """Rule, path, line and column of each finding."""
    return [
        (each.rule, render_path(each.path), each.span.line, each.span.column)
        for each in catalog.findings
        if each.span is not None
    ]


def only(catalog: Catalog) -> Finding:
    (finding,) = catalog.findings
    return finding


def test_a_new_accelerator_and_a_system_that_carries_it(overlay: Lay) -> None:
    catalog = overlay(
        """\
accelerators:
  cerebras-wse-3: {vendor: cerebras, name: WSE-3, memory_gb: 44, memory_type: SRAM,
    tflops_dense: {bf16: 62500}, status: shipping, sources: [quote]}
systems:
  cs-3: {vendor: cerebras, name: CS-3, form: server, accelerators: [cerebras-wse-3], gpus: 1,
    rack_units: 16, power_kw_max: 23, status: shipping, sources: [quote], unverified: [gpus]}
"""
    )
    assert catalog.findings == ()
    system = catalog.systems["cs-3"]
    assert (system.trays, system.rails, system.power_kw_max) == (1, 0, 23.0)
    assert system.provenance.layer == "mine.yaml"
    assert not system.provenance.verified("gpus")
    (source,) = system.provenance.sources
    assert (source.key, source.title, source.url, source.date, source.kind) == (
        "mine.yaml:quote",
        "Quote 4711",
        "quotes/4711.pdf",
        "2026-10-01",
        "user",
    )
    assert catalog.sources["mine.yaml:quote"] == source
    assert catalog.accelerators["cerebras-wse-3"].tflops_dense == {"bf16": 62500.0}


def test_an_override_changes_the_fields_it_names_and_no_other(
    overlay: Lay, shipped: Catalog
) -> None:
    catalog = overlay("systems:\n  dgx-h100: {price_usd: [231000, 232000], sources: [quote]}\n")
    before, after = shipped.systems["dgx-h100"], catalog.systems["dgx-h100"]
    assert after.price_usd == (231000, 232000)
    assert after.power_kw_max == before.power_kw_max
    assert after.provenance.layer == "mine.yaml"
    assert after.provenance.sources[0].key == "mine.yaml:quote"
    assert after.provenance.sources[1:] == before.provenance.sources
    assert catalog.provenance("systems", "dgx-h100", "price_usd")[:2] == (
        "from mine.yaml",
        "Quote 4711 (user, 2026-10-01) quotes/4711.pdf",
    )
    assert catalog.provenance("systems", "dgx-h100", "power_kw_max")[0] == "from catalog"
    assert "Quote 4711" not in str(catalog.provenance("systems", "dgx-h100", "power_kw_max"))


def test_an_override_vouches_for_what_it_gives(overlay: Lay, shipped: Catalog) -> None:
    assert shipped.systems["dgx-h100"].provenance.unverified == {"weight_kg"}
    catalog = overlay("systems:\n  dgx-h100: {weight_kg: 131, sources: [quote]}\n")
    assert catalog.systems["dgx-h100"].provenance.unverified == frozenset()


def test_an_entry_of_a_mapping_vouches_for_itself_alone(overlay: Lay) -> None:
    catalog = overlay(
        "accelerators:\n  amd-mi350x: {tflops_dense: {bf16: 2300}, sources: [quote]}\n"
    )
    chip = catalog.accelerators["amd-mi350x"]
    assert chip.tflops_dense == {"bf16": 2300.0, "fp8": 4583.0, "fp6": 9200.0, "fp4": 9200.0}
    assert chip.provenance.verified("tflops_dense.bf16")
    assert not chip.provenance.verified("tflops_dense.fp8")
    assert not chip.provenance.verified("tflops_sparse.fp8")


def test_a_radix_is_overridden_by_speed(overlay: Lay) -> None:
    catalog = overlay("switches:\n  QM9700: {radix: {200: 128}, sources: [quote]}\n")
    assert catalog.switches["QM9700"].radix == {400: 64, 200: 128}


def test_a_new_value_of_a_constant_is_a_point(overlay: Lay) -> None:
    catalog = overlay("constants:\n  mfu.training: {value: 0.55, sources: [quote]}\n")
    constant = catalog.constants["mfu.training"]
    assert (constant.low, constant.value, constant.high) == (0.55, 0.55, 0.55)
    assert constant.unit == "share of dense peak"


def test_null_takes_a_value_away(overlay: Lay) -> None:
    catalog = overlay("systems:\n  dgx-h100: {weight_kg: null, nics: [], sources: [quote]}\n")
    assert catalog.findings == ()
    assert catalog.systems["dgx-h100"].weight_kg is None
    assert catalog.systems["dgx-h100"].nics == ()


def test_a_year_is_date_enough(overlay: Lay) -> None:
    header = "apiVersion: aifactory/v1\nkind: Catalog\n"
    catalog = overlay(
        "sources: {s: {title: S, url: 'https://s.example', date: 2026, kind: vendor}}\n"
        "racks: {mine: {name: Mine, rack_units: 40, sources: [s]}}\n",
        header=header,
    )
    assert catalog.findings == ()
    assert catalog.sources["mine.yaml:s"].date == "2026"


BROKEN = {
    "unknown table": (
        "systms: {}\n",
        [("AIF-CAT-003", "systms", 5, 1)],
        "did you mean `systems`?",
    ),
    "a table that is a list": (
        "racks: [a]\n",
        [("AIF-CAT-003", "racks", 5, 8)],
        "write `id: {field: value}` under it",
    ),
    "unknown field": (
        "systems:\n  dgx-h100: {price: 3, sources: [quote]}\n",
        [("AIF-CAT-004", "systems.dgx-h100.price", 6, 14)],
        "did you mean `price_usd`?",
    ),
    "unknown precision": (
        "accelerators:\n  nvidia-l4: {tflops_dense: {bf17: 3}, sources: [quote]}\n",
        [("AIF-CAT-004", "accelerators.nvidia-l4.tflops_dense.bf17", 6, 30)],
        "did you mean `bf16`?",
    ),
    "unknown unverified field": (
        "systems:\n  dgx-h100: {gpus: 8, unverified: [gpu], sources: [quote]}\n",
        [("AIF-CAT-004", "systems.dgx-h100.unverified[0]", 6, 36)],
        "did you mean `gpus`?",
    ),
    "a port speed that is a word": (
        "switches:\n  QM9700: {radix: {fast: 64}, sources: [quote]}\n",
        [("AIF-CAT-004", "switches.QM9700.radix.fast", 6, 20)],
        "write a whole number above zero",
    ),
    "wrong type": (
        "systems:\n  dgx-h100: {power_kw_max: ten, sources: [quote]}\n",
        [("AIF-CAT-005", "systems.dgx-h100.power_kw_max", 6, 28)],
        None,
    ),
    "a negative number": (
        "systems:\n  dgx-h100: {power_kw_max: -1, sources: [quote]}\n",
        [("AIF-CAT-005", "systems.dgx-h100.power_kw_max", 6, 28)],
        None,
    ),
    "not a choice": (
        "systems:\n  dgx-h100: {status: shiping, sources: [quote]}\n",
        [("AIF-CAT-005", "systems.dgx-h100.status", 6, 22)],
        "did you mean `shipping`?",
    ),
    "not a date": (
        "fsx_tiers:\n  persistent-2-125: {price_date: yesterday, sources: [quote]}\n",
        [("AIF-CAT-005", "fsx_tiers.persistent-2-125.price_date", 6, 34)],
        "write a date as 2026-11-21, 2026-11 or 2026",
    ),
    "a country in full": (
        "aws_regions:\n  eu-west-1: {country: Ireland, sources: [quote]}\n",
        [("AIF-CAT-005", "aws_regions.eu-west-1.country", 6, 24)],
        "write the country as two capital letters, such as DE",
    ),
    "two ends where three belong": (
        "electricity:\n  DE: {usd_kwh: [0.1, 0.2], sources: [quote]}\n",
        [("AIF-CAT-005", "electricity.DE.usd_kwh", 6, 17)],
        "give 3",
    ),
    "a range that falls": (
        "electricity:\n  DE: {usd_kwh: [0.3, 0.2, 0.1], sources: [quote]}\n",
        [("AIF-CAT-005", "electricity.DE.usd_kwh", 6, 17)],
        "put the lowest first",
    ),
    "review above refusal": (
        "cooling_limits:\n  air: {review_kw: 20, sources: [quote]}\n",
        [("AIF-CAT-005", "cooling_limits.air", 6, 8)],
        "put the lowest first",
    ),
    "an id with a blank": (
        "racks:\n  my rack: {name: Mine, rack_units: 40, sources: [quote]}\n",
        [("AIF-CAT-005", "racks.my rack", 6, 3)],
        None,
    ),
    "a record that is a word": (
        "racks:\n  mine: big\n",
        [("AIF-CAT-005", "racks.mine", 6, 9)],
        None,
    ),
    "a new record that is not complete": (
        "racks:\n  mine: {rack_units: 40, sources: [quote]}\n",
        [("AIF-CAT-006", "racks.mine", 6, 3)],
        "add `name`",
    ),
    "no source": (
        "systems:\n  dgx-h100: {gpus: 8}\n",
        [("AIF-CAT-007", "systems.dgx-h100", 6, 3)],
        "add `sources: [key]`, the key standing under the file's `sources:`",
    ),
    "a shipped source": (
        "systems:\n  dgx-h100: {gpus: 8, sources: [netbox]}\n",
        [("AIF-CAT-007", "systems.dgx-h100.sources[0]", 6, 33)],
        "sources of this file: `quote`",
    ),
    "a reference that dangles": (
        "systems:\n  dgx-h100: {accelerators: [nvidia-h100-smx], sources: [quote]}\n",
        [("AIF-CAT-008", "systems.dgx-h100.accelerators[0]", 6, 29)],
        "did you mean `nvidia-h100-sxm`?",
    ),
    "a single reference that dangles": (
        "aws_instances:\n  p5.48xlarge: {accelerator: h100, sources: [quote]}\n",
        [("AIF-CAT-008", "aws_instances.p5.48xlarge.accelerator", 6, 30)],
        None,
    ),
}


@pytest.mark.parametrize("case", sorted(BROKEN))
def test_a_fault_is_found_where_it_stands(overlay: Lay, shipped: Catalog, case: str) -> None:
    text, expected, hint = BROKEN[case]
    catalog = overlay(text)
    assert told(catalog) == expected
    finding = only(catalog)
    assert finding.severity is Severity.HIGH
    if hint is not None:
        assert finding.hint == hint
    assert finding.span is not None
    assert finding.span.text in text.splitlines()
    assert finding.span.layer == "mine.yaml"
    for name in ("systems", "accelerators", "electricity", "cooling_limits", "aws_instances"):
        assert catalog.table(name) == shipped.table(name)


SOURCES = {
    "without title": ("s: {url: x, date: 2026}", "AIF-CAT-007", "add `title`"),
    "without date": ("s: {title: x, url: x}", "AIF-CAT-007", "add `date`"),
    "without address or document": (
        "s: {title: x, date: 2026}",
        "AIF-CAT-007",
        "add `url` or `document`",
    ),
    "with an odd date": (
        "s: {title: x, url: x, date: May}",
        "AIF-CAT-005",
        "write a date as 2026-11-21, 2026-11 or 2026",
    ),
    "with an unknown field": (
        "s: {title: x, url: x, date: 2026, author: y}",
        "AIF-CAT-004",
        None,
    ),
}


@pytest.mark.parametrize("case", sorted(SOURCES))
def test_a_source_must_be_whole(overlay: Lay, shipped: Catalog, case: str) -> None:
    source, rule, hint = SOURCES[case]
    header = f"apiVersion: aifactory/v1\nkind: Catalog\nsources:\n  {source}\n"
    catalog = overlay("systems:\n  dgx-h100: {gpus: 9, sources: [s]}\n", header=header)
    finding = only(catalog)
    assert (finding.rule, finding.path[:2]) == (rule, ("sources", "s"))
    if hint is not None:
        assert finding.hint == hint
    assert catalog.systems == shipped.systems


def test_all_findings_come_at_once_and_the_sound_records_stay(overlay: Lay) -> None:
    catalog = overlay(
        """\
systms: {}
systems:
  dgx-h100: {price: 3, power_kw_max: ten}
racks:
  mine: {name: Mine, rack_units: 40, sources: [quote]}
"""
    )
    assert [rule for rule, *_ in told(catalog)] == [
        "AIF-CAT-003",
        "AIF-CAT-007",
        "AIF-CAT-004",
        "AIF-CAT-005",
    ]
    assert catalog.racks["mine"].rack_units == 40


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", [("AIF-CAT-003", "", 1, 1)]),
        ("- a\n- b\n", [("AIF-CAT-003", "", 1, 1)]),
        ("just words\n", [("AIF-CAT-003", "", 1, 1)]),
        (
            "apiVersion: aifactory/v2\nkind: Blueprint\n",
            [("AIF-CAT-003", "apiVersion", 1, 13), ("AIF-CAT-003", "kind", 2, 7)],
        ),
        ("kind: [Catalog\n", [("AIF-CAT-002", "", 2, 1)]),
        ("a: 1\na: 2\n", [("AIF-CAT-002", "", 2, 1)]),
        ("a: &b [1]\nc: *b\n", [("AIF-CAT-002", "", 1, 4)]),
    ],
)
def test_a_file_that_is_no_overlay(
    overlay: Lay, header: str, expected: list[tuple[str, str, int, int]]
) -> None:
    assert told(overlay("", header=header)) == expected


def test_files_that_cannot_be_read(tmp_path: Path, shipped: Catalog) -> None:
    (tmp_path / "binary.yaml").write_bytes(bytes(range(128, 256)))
    (tmp_path / "latin.yaml").write_bytes("name: Zürich".encode("latin-1"))
    (tmp_path / "big.yaml").write_bytes(b"# " + b"x" * (10 * 1024 * 1024))
    (tmp_path / "folder.yaml").mkdir()
    names = ["binary.yaml", "latin.yaml", "big.yaml", "folder.yaml", "missing.yaml"]
    catalog = Catalog.shipped([tmp_path / name for name in names])
    assert {
        (each.rule, each.span.file.rpartition("/")[2]) for each in catalog.findings if each.span
    } == {("AIF-CAT-001", name) for name in names}
    assert catalog.systems == shipped.systems


def test_nul_and_pipes_are_not_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.yaml"
    os.mkfifo(pipe)
    catalog = Catalog.shipped([pipe, Path("a\0b.yaml")])
    assert [each.rule for each in catalog.findings] == ["AIF-CAT-001", "AIF-CAT-001"]


HEADER = """\
apiVersion: aifactory/v1
kind: Catalog
sources:
  s: {title: S, url: "https://s.example", date: 2026}
"""


def test_a_record_in_two_overlays_is_refused_whatever_their_order(tmp_path: Path) -> None:
    one, two = tmp_path / "a.yaml", tmp_path / "b.yaml"
    one.write_text(HEADER + "racks: {mine: {name: A, rack_units: 40, sources: [s]}}\n")
    two.write_text(HEADER + "racks: {mine: {name: B, rack_units: 41, sources: [s]}}\n")
    first, second = Catalog.shipped([one, two]), Catalog.shipped([two, one])
    assert first.findings == second.findings
    assert first.digest == second.digest
    assert [(each.rule, each.path) for each in first.findings] == [
        ("AIF-CAT-009", ("racks", "mine"))
    ]
    assert first.racks == second.racks
    assert first.racks["mine"].name == "A"


def test_one_file_named_twice_is_one_overlay(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text(HEADER + "racks: {mine: {name: A, rack_units: 40, sources: [s]}}\n")
    assert Catalog.shipped([file, tmp_path / "." / "a.yaml"]).findings == ()


def test_two_files_of_one_name_keep_their_sources_apart(tmp_path: Path) -> None:
    files = []
    for folder in ("x", "y"):
        (tmp_path / folder).mkdir()
        file = tmp_path / folder / "same.yaml"
        rack = f"racks: {{rack-{folder}: {{name: A, rack_units: 40, sources: [s]}}}}\n"
        file.write_text(HEADER.replace("title: S", f"title: {folder}") + rack)
        files.append(file)
    catalog = Catalog.shipped(files)
    assert catalog.findings == ()
    titles = [catalog.racks[f"rack-{name}"].provenance.sources[0].title for name in ("x", "y")]
    assert titles == ["x", "y"]


def test_an_overlay_may_refer_to_another(tmp_path: Path) -> None:
    chip, system = tmp_path / "z-chip.yaml", tmp_path / "a-system.yaml"
    chip.write_text(
        HEADER + "accelerators: {c: {vendor: v, name: C, memory_gb: 1, memory_type: M, "
        "status: shipping, sources: [s]}}\n"
    )
    system.write_text(
        HEADER + "systems: {t: {vendor: v, name: T, form: edge, gpus: 1, accelerators: [c], "
        "status: shipping, sources: [s]}}\n"
    )
    catalog = Catalog.shipped([chip, system])
    assert catalog.findings == ()
    assert catalog.systems["t"].accelerators == ("c",)


def test_a_hopeless_file_is_let_be_after_a_hundred_findings(overlay: Lay) -> None:
    rows = "".join(f"  r{i}: {{colour: {i}}}\n" for i in range(5_000))
    findings = overlay("racks:\n" + rows).findings
    assert 100 <= len(findings) <= 210
    assert {each.rule for each in findings} == {"AIF-CAT-004", "AIF-CAT-006", "AIF-CAT-007"}


def test_every_rule_is_shown_broken() -> None:
    shown = {rule for _, expected, _ in BROKEN.values() for rule, *_ in expected}
    shown |= {"AIF-CAT-001", "AIF-CAT-002", "AIF-CAT-009"}
    assert shown == set(RULES)


def test_an_item_of_a_list_is_named_with_its_list(overlay: Lay) -> None:
    finding = only(overlay("systems:\n  dgx-h100: {sources: [quote, 4711]}\n"))
    assert finding.message == "`sources[1]` is text, not `4711`."
    assert finding.hint == "put it in quotes"


def test_a_field_inside_a_field_is_named_with_its_path(overlay: Lay) -> None:
    text = (
        "systems:\n  dgx-h100: {nics: [{role: computer, count: 8, gbps: 400}], sources: [quote]}\n"
    )
    finding = only(overlay(text))
    assert finding.message == "`nics[0].role` cannot be `computer`."
    assert finding.hint == "did you mean `compute`?"


def test_the_example_in_the_documentation_is_sound(overlay: Lay) -> None:
    guide = Path(__file__).parents[2] / "docs" / "catalog.md"
    text = guide.read_text(encoding="utf-8")
    example = text.partition("```yaml\n")[2].partition("```")[0]
    catalog = overlay(example, header="")
    assert catalog.findings == ()
    assert catalog.systems["cs-3"].accelerators == ("wse-3",)
    assert catalog.constants["mfu.training"].high == 0.47
    assert [rule for rule in RULES if rule not in text] == []

"""Whatever an overlay holds, the catalog answers with facts and findings, never with an error."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aifactory_iac.catalog import TABLES, Catalog
from aifactory_iac.catalog.build import fields_of
from aifactory_iac.catalog.reading import read
from aifactory_iac.findings import Severity

DATA = Path(__file__).parents[2] / "aifactory_iac" / "catalog" / "data"

HEADER = """\
apiVersion: aifactory/v1
kind: Catalog
sources:
  s: {title: S, url: "https://s.example", date: 2026}
"""

GOOD = (
    HEADER
    + """\
accelerators:
  mine: {vendor: v, name: Mine, memory_gb: 44, memory_type: SRAM, status: shipping, sources: [s]}
  amd-mi350x: {tflops_dense: {bf16: 2300}, sources: [s], unverified: [tflops_dense.bf16]}
systems:
  box: {vendor: v, name: Box, form: server, accelerators: [mine], gpus: 1, status: shipping,
    nics: [{role: compute, count: 8, gbps: 400}], sources: [s]}
  dgx-h100: {price_usd: [231000, 232000], sources: [s]}
switches:
  QM9700: {radix: {200: 128}, sources: [s]}
constants:
  mfu.training: {value: 0.4, low: 0.3, high: 0.5, sources: [s]}
electricity:
  DE: {usd_kwh: [0.1, 0.2, 0.3], date: 2026-01-01, sources: [s]}
cooling_limits:
  air: {review_kw: 5, sources: [s]}
"""
)


def laid(content: bytes) -> Catalog:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "mine.yaml"
        file.write_bytes(content)
        catalog = Catalog.shipped([file])
        for name in ("accelerators", "systems", "switches", "constants", "electricity"):
            catalog.table(name)
        assert all(each.severity is Severity.HIGH and each.span for each in catalog.findings)
        assert len(catalog.digest) == 64
    return catalog


def as_json(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): as_json(inner) for key, inner in value.items()}
    return [as_json(item) for item in value] if isinstance(value, list) else value


def facts_of(catalog: Catalog, name: str) -> dict[str, dict[str, object]]:
    return {
        key: {field: getattr(fact, field) for field in fields_of(TABLES[name])}
        for key, fact in catalog.table(name).items()
    }


@pytest.mark.parametrize("name", sorted(TABLES))
def test_every_shipped_record_can_be_written_as_an_overlay(
    tmp_path: Path, shipped: Catalog, name: str
) -> None:
    document = read((DATA / f"{name}.yaml").read_text(encoding="utf-8"))
    records = {
        key: {**document.get("defaults", {}), **record, "sources": ["s"]}
        for key, record in document["records"].items()
    }
    file = tmp_path / "mine.yaml"
    for prefix in ("", "new-"):
        renamed = {prefix + key: record for key, record in records.items()}
        file.write_text(HEADER + json.dumps(name) + ": " + json.dumps(as_json(renamed)))
        catalog = Catalog.shipped([file])
        assert catalog.findings == ()
        found, expected = facts_of(catalog, name), facts_of(shipped, name)
        assert {key: found[prefix + key] for key in records} == expected
        for key in records:
            provenance = catalog.table(name)[prefix + key].provenance
            assert provenance.layer == "mine.yaml"
            assert provenance.sources[0].key == "mine.yaml:s"


def test_the_sound_overlay_is_sound() -> None:
    assert laid(GOOD.encode()).findings == ()


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_a_mutated_overlay_never_raises(data: st.DataObject) -> None:
    text = GOOD
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(text) - 1))
        end = min(len(text), start + data.draw(st.integers(0, 12)))
        piece = data.draw(
            st.sampled_from(
                ["", "{", "}", "[", "]", ":", ": ", ",", "\n", "  ", "#", "-", "- ", "&a", "*a",
                 "!x", "null", "-1", "1e308", "999999999999999999999", "'", '"', "\t", "é", "\x07",
                 "|", "sources", "[s]", "{}", "?", "true", ".5", "~", "%", "---\n", "<<: "]
            )
        )  # fmt: skip
        text = text[:start] + piece + text[end:]
    laid(text.encode())


@given(st.binary(max_size=400))
@settings(max_examples=80, deadline=None)
def test_bytes_never_raise(content: bytes) -> None:
    laid(content)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
    | st.sampled_from(["s", "nvidia-h100-sxm", "shipping", "2026", "DE", "server", "air"]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["bf16", "400", "role", "count", "x"]), inner, max_size=3),
    max_leaves=5,
)  # fmt: skip


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_any_value_in_any_field_never_raises(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(TABLES)))
    known = [*fields_of(TABLES[name]), "sources", "unverified", "note", "id", "provenance"]
    record = data.draw(st.dictionaries(st.sampled_from(known), VALUES, max_size=6))
    shipped_ids = sorted(read((DATA / f"{name}.yaml").read_text(encoding="utf-8"))["records"])
    key = data.draw(st.sampled_from([*shipped_ids, "mine"]))
    if data.draw(st.booleans()):
        record["sources"] = ["s"]
    text = HEADER + f"{name}: {json.dumps({key: record})}\n"
    catalog = laid(text.encode())
    catalog.table(name)

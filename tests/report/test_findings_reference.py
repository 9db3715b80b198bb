"""The reference page of findings: fresh, and with every id that a room can give."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import aifactory_iac
from aifactory_iac.report.findings_reference import reference_page

ROOT = Path(__file__).resolve().parents[2]
PAGE = reference_page()
IDS = re.findall(r"^\| <a id=\"[a-z0-9-]+\"></a>(AIF-[A-Z]+-\d{3}) \|", PAGE, re.MULTILINE)


def test_the_page_is_fresh():
    page = ROOT / "docs" / "reference" / "findings.md"
    assert page.read_text(encoding="utf-8") == PAGE, "run: make docs"


def test_every_id_stands_once_and_in_order_within_its_room():
    assert len(IDS) == len(set(IDS))
    for room in ("DOC", "CAT", "DSN", "PRG", "PLN"):
        within = [each for each in IDS if f"-{room}-" in each]
        assert within, room
        assert within == sorted(within)


@pytest.mark.parametrize("room", ["blueprint", "catalog", "design", "program", "deploy"])
def test_every_id_that_the_source_of_a_room_names_is_on_the_page(room):
    sources = sorted((Path(aifactory_iac.__file__).parent / room).rglob("*.py"))
    named = {
        found
        for source in sources
        for found in re.findall(r"AIF-[A-Z]+-\d{3}", source.read_text(encoding="utf-8"))
    }
    assert named <= set(IDS)


def test_every_rule_is_one_whole_sentence():
    said = re.findall(r"^\| <a id=.*\| (.*) \|$", PAGE, re.MULTILINE)
    assert len(said) == len(IDS)
    assert [each for each in said if not re.fullmatch(r"[A-Z`].*\.", each)] == []

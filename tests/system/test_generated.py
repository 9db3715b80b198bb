"""What is generated is fresh; `make docs` refreshes it."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from aifactory_iac.cli.main import VERBS

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = ROOT / "docs" / "reference"


def test_the_command_line_reference_is_fresh():
    from aifactory_iac.cli.reference import reference_page

    assert (REFERENCE / "cli.md").read_text() == reference_page()


def test_the_schema_of_our_provider_is_fresh():
    from aifactory_iac.providers.schema import schema_text
    from aifactory_iac.providers.sdk_schema import generated

    assert schema_text() == generated()


def test_the_reference_of_its_properties_is_fresh():
    from aifactory_iac.providers.reference import reference_page

    assert (REFERENCE / "bare-metal-properties.md").read_text() == reference_page()


def test_the_reference_of_machines_is_fresh():
    from aifactory_iac.report.bare_metal_reference import reference_page

    assert (REFERENCE / "bare-metal-machines.md").read_text() == reference_page()


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_is_in_the_reference(verb):
    assert f"\n## aifactory {verb}\n" in (REFERENCE / "cli.md").read_text()


@pytest.mark.parametrize(
    "page", sorted((ROOT / "docs").rglob("*.md")), ids=lambda page: str(page.relative_to(ROOT))
)
def test_links_between_pages_lead_somewhere(page):
    import re

    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text()):
        if "://" not in target:
            assert (page.parent / target).exists(), target


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"])
def test_links_of_the_front_pages_lead_somewhere(name):
    import re

    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", (ROOT / name).read_text()):
        if "://" not in target:
            assert (ROOT / target).exists(), target


@pytest.mark.slow
def test_pages_and_pictures_show_what_the_commands_print():
    """Slow because it runs every command that a page shows: about twenty."""
    spec = importlib.util.spec_from_file_location("refresh", ROOT / "docs" / "refresh.py")
    assert spec is not None and spec.loader is not None
    refresh = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(refresh)
    assert refresh.stale() == [], "run: make docs"

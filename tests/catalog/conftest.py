from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from aifactory_iac.catalog import Catalog

HEADER = """\
apiVersion: aifactory/v1
kind: Catalog
sources:
  quote: {title: Quote 4711, document: quotes/4711.pdf, date: 2026-10-01}
"""


@pytest.fixture(scope="session")
def shipped() -> Catalog:
    return Catalog.shipped()


@pytest.fixture
def overlay(tmp_path: Path) -> Callable[..., Catalog]:
    """A catalog with an overlay of the given text, the usual header before it."""

    def lay(text: str, *, header: str = HEADER, name: str = "mine.yaml") -> Catalog:
        file = tmp_path / name
        file.write_text(header + text, encoding="utf-8")
        return Catalog.shipped([file])

    return lay

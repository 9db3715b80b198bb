"""Shared fixtures of the blueprint room's tests."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from aifactory_iac.blueprint import Loaded, Request, load
from aifactory_iac.catalog import Catalog


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    return Catalog.shipped()


@pytest.fixture(scope="session")
def here() -> Path:
    return Path(__file__).resolve().parent


Write = Callable[..., Path]
Load = Callable[..., Loaded]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a file below the test's folder and gives its path."""

    def _write(name: str, text: str | bytes) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return _write


@pytest.fixture
def load_text(write: Write, catalog: Catalog) -> Load:
    """Loads a document given as text; keyword arguments are those of `Request`."""

    def _load(text: str | bytes, **request: object) -> Loaded:
        path = write("blueprint.yaml", text)
        return load(Request(str(path), **request), catalog)  # type: ignore[arg-type]

    return _load

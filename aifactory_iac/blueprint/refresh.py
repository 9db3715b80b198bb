"""Writes the files generated from the model: `python -m aifactory_iac.blueprint.refresh`.

The published JSON Schemas beside `schema/`, and the reference page under `docs/` in a checkout.
"""

from __future__ import annotations

from pathlib import Path

from aifactory_iac.blueprint.reference import reference_page
from aifactory_iac.blueprint.schema import NAMES
from aifactory_iac.blueprint.schema.generate import generated

_ROOM = Path(__file__).resolve().parent


def generated_files() -> dict[Path, str]:
    """Every generated file with the text that it must have."""
    files = {_ROOM / "schema" / f"{name}.schema.json": generated(name) for name in NAMES}
    page = _ROOM.parent.parent / "docs" / "reference" / "blueprint.md"
    return files | {page: reference_page()}


def main() -> None:
    """Writes all of them."""
    for path, text in generated_files().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()

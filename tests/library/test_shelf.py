"""The shelf: one's own blueprints come first and hide shipped ones of the same name."""

from __future__ import annotations

from pathlib import Path

import pytest

from aifactory_iac.library import shelves, volumes
from aifactory_iac.shipped import folder


@pytest.fixture
def own(tmp_path: Path) -> Path:
    for name in ("zeta", "superpod-h100", "alpha"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "blueprint.yaml").write_text("")
    (tmp_path / "empty").mkdir()
    (tmp_path / "file.yaml").write_text("")
    return tmp_path


def test_the_shipped_library_is_in_order_of_names():
    names = [volume.name for volume in volumes()]
    assert names == sorted(names)
    assert "superpod-h100" in names


def test_a_volume_knows_its_files():
    volume = next(each for each in volumes() if each.name == "superpod-h100")
    assert volume.directory == folder("blueprints") / "superpod-h100"
    assert [file.name for file in (volume.document, volume.readme, volume.promises)] == [
        "blueprint.yaml", "README.md", "facts.yaml",
    ]  # fmt: skip


def test_ones_own_hides_a_shipped_one_and_stands_among_the_others(own):
    found = {volume.name: volume.directory for volume in volumes((own,))}
    assert found["superpod-h100"] == own / "superpod-h100"
    assert found["alpha"] == own / "alpha"
    assert found["startup-cloud"] == folder("blueprints") / "startup-cloud"
    assert list(found) == sorted(found)


def test_the_first_shelf_wins(own, tmp_path_factory):
    other = tmp_path_factory.mktemp("other")
    (other / "alpha").mkdir()
    (other / "alpha" / "blueprint.yaml").write_text("")
    directories = {volume.name: volume.directory for volume in volumes((other, own))}
    assert directories["alpha"] == other / "alpha"
    assert directories["zeta"] == own / "zeta"


def test_what_holds_no_document_is_no_volume(own):
    names = {volume.name for volume in volumes((own,))}
    assert not {"empty", "file.yaml", "file"} & names


def test_a_shelf_that_is_not_there_is_passed_over(own):
    assert shelves((own / "nowhere", own)) == (own, folder("blueprints"))
    assert shelves((own / "file.yaml",)) == (folder("blueprints"),)

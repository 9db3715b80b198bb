"""A lab's folder is private, its own, and says by a lock whether the lab lives."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from aifactory_iac.lab import folder as folders
from aifactory_iac.lab.folder import (
    Folder,
    FolderError,
    InUseError,
    NotOursError,
    default_place,
    labs,
    taken,
    write,
)


@pytest.fixture
def take():
    held = []

    def taking(path: Path) -> Folder:
        folder, lock = taken(path)
        held.append(lock)
        return folder

    taking.release = lambda: [os.close(held.pop()) for _ in tuple(held)]
    yield taking
    taking.release()


def test_a_new_folder_is_its_owners_only(take, place):
    folder = take(place / "deep")
    assert stat.S_IMODE((place / "deep").stat().st_mode) == 0o700
    assert stat.S_IMODE(folder.lock.stat().st_mode) == 0o600


def test_an_open_folder_is_closed(take, place):
    place.mkdir(mode=0o755)
    take(place)
    assert stat.S_IMODE(place.stat().st_mode) == 0o700


def test_a_folder_is_alive_as_long_as_its_lock_is_held(take, place):
    folder = take(place)
    assert folder.alive
    take.release()
    assert not folder.alive
    assert not Folder(place / "nowhere").alive


def test_nobody_takes_a_folder_that_is_alive(take, place, monkeypatch):
    monkeypatch.setattr(folders, "_PATIENCE", 0.05)
    take(place)
    with pytest.raises(InUseError):
        taken(place)


def test_what_a_killed_lab_left_is_cleared_away(take, place):
    folder = take(place)
    (place / "bmc").mkdir()
    (place / "bmc" / "spec.json").write_text("{}")
    (place / "link").symlink_to(place.parent)
    folder.record.write_text("{}")
    take.release()
    take(place)
    assert [each.name for each in place.iterdir()] == ["alive"]
    assert place.parent.is_dir()


def test_a_folder_with_other_files_is_left_alone(place):
    place.mkdir()
    (place / "thesis.txt").write_text("all of it")
    with pytest.raises(NotOursError, match="holds other files; a lab wants a folder of its own"):
        taken(place)
    assert (place / "thesis.txt").read_text() == "all of it"


def test_where_no_folder_can_be_it_is_said_so(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(FolderError, match="Not a directory"):
        taken(tmp_path / "file" / "lab")


def test_a_lock_that_is_a_link_is_not_followed(tmp_path, place):
    place.mkdir()
    (tmp_path / "elsewhere").write_text("")
    (place / "alive").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(FolderError):
        taken(place)


def test_a_lock_that_was_replaced_meanwhile_is_taken_anew(take, place, monkeypatch):
    answers = iter([False, True])
    monkeypatch.setattr(folders, "_same", lambda *_: next(answers))
    assert take(place).alive


@pytest.mark.parametrize(("text", "pid"), [("4711", 4711), ("", None), ("x", None)])
def test_the_lock_names_the_process_that_holds_it(take, place, text, pid):
    folder = take(place)
    folder.lock.write_text(text)
    assert folder.pid == pid
    assert Folder(place / "nowhere").pid is None


def test_the_lock_goes_with_the_process_however_it_ends(place):
    program = (
        "import sys; from pathlib import Path; from aifactory_iac.lab.folder import taken; "
        f"taken(Path({str(place)!r})); print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout.readline() == b"held\n"
        assert Folder(place).alive
        holder.kill()
        holder.wait()
        assert not Folder(place).alive


def test_labs_are_the_folders_with_a_lock_by_name(take, tmp_path):
    for name in ("b.dev", "a.dev"):
        take(tmp_path / name)
    (tmp_path / "other").mkdir()
    (tmp_path / "file").write_text("")
    assert [each.path.name for each in labs(tmp_path)] == ["a.dev", "b.dev"]
    assert list(labs(tmp_path / "nowhere")) == []


def test_a_removed_folder_is_gone_and_once_more_does_no_harm(take, place):
    folder = take(place)
    folder.record.write_text("{}")
    folder.remove()
    assert not place.exists()
    folder.remove()


def test_labs_are_kept_where_the_provider_keeps_its_state():
    from aifactory_iac.providers.surroundings import default_state_dir

    for environment in (
        {"AIFACTORY_STATE_DIR": "/var/aifactory", "XDG_STATE_HOME": "/x"},
        {"XDG_STATE_HOME": "/home/me/.state"},
        {},
    ):
        assert default_place(environment) == default_state_dir(environment) / "labs"


def test_files_are_private_and_whole_or_not_there(tmp_path):
    file = tmp_path / "secret.json"
    write(file, "one")
    write(file, "two")
    assert file.read_text() == "two"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with pytest.raises(UnicodeEncodeError):
        write(file, "\ud800")
    assert file.read_text() == "two"
    assert list(tmp_path.iterdir()) == [file]

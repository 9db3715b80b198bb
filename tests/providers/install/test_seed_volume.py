"""The seed as a volume, read back by others."""

from __future__ import annotations

import shutil
import struct
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aifactory_iac.providers.install.render import rendered
from aifactory_iac.providers.install.render.seed_volume import iso9660


def read_back(image: bytes) -> tuple[str, dict[str, bytes]]:
    """An own reader, by the standard: what stands in the root folder of the volume."""
    descriptor = image[16 * 2048 : 17 * 2048]
    assert descriptor[:7] == b"\x01CD001\x01"
    label = descriptor[40:72].decode().strip()
    (sectors,) = struct.unpack("<I", descriptor[80:84])
    assert sectors * 2048 == len(image)
    assert image[17 * 2048 :][:6] == b"\xffCD001"
    start, size = struct.unpack("<I4xI", descriptor[156 + 2 : 156 + 14])
    folder, at, files = image[start * 2048 : start * 2048 + size], 0, {}
    while at < len(folder):
        length = folder[at]
        if length == 0:
            at = (at // 2048 + 1) * 2048
            continue
        first, count = struct.unpack("<I4xI", folder[at + 2 : at + 14])
        name = folder[at + 33 : at + 33 + folder[at + 32]]
        if name not in (b"\0", b"\1"):
            plain = name.decode().lower().removesuffix(";1").removesuffix(".")
            files[plain] = image[first * 2048 : first * 2048 + count]
        at += length
    return label, files


NAMES = st.text(
    st.characters(categories=(), include_characters="abcdefgh-"), min_size=1, max_size=20
)


@settings(deadline=None, max_examples=30)
@given(files=st.dictionaries(NAMES, st.binary(max_size=5000), max_size=80))
def test_what_is_written_is_read_back(files):
    assert read_back(iso9660("CIDATA", files)) == ("CIDATA", files)


def test_files_in_folders_are_left_out_and_equal_files_give_equal_bytes():
    image = iso9660("CIDATA", {"user-data": b"a", "grub/grub.cfg": b"b"})
    assert read_back(image) == ("CIDATA", {"user-data": b"a"})
    assert image == iso9660("CIDATA", {"grub/grub.cfg": b"b", "user-data": b"a"})


@pytest.mark.parametrize(
    ("label", "files"),
    [("cidata", {}), ("", {}), ("A" * 33, {}), ("CIDATA", {"a" * 40: b""}), ("CIDATA", {"ä": b""})],
)
def test_what_does_not_fit_is_refused(label, files):
    with pytest.raises(ValueError, match=r"no (label|name) for"):
        iso9660(label, files)


@pytest.mark.parametrize(("kind", "label"), [("autoinstall", "CIDATA"), ("kickstart", "OEMDRV")])
def test_programs_find_the_volume_by_its_label(kind, label, wanted, links, tmp_path: Path):
    if shutil.which("blkid") is None:
        pytest.skip("NOT CHECKED: blkid is not installed")
    (tmp_path / "seed.iso").write_bytes(rendered(wanted(kind, "iso"), links)["seed.iso"])
    done = subprocess.run(
        ["blkid", "-p", "-o", "export", "seed.iso"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=20,
    )
    assert f"LABEL={label}" in done.stdout.splitlines()
    assert "TYPE=iso9660" in done.stdout.splitlines()


def test_another_reader_finds_the_same_files(wanted, links, tmp_path: Path):
    if shutil.which("xorriso") is None:
        pytest.skip("NOT CHECKED: xorriso is not installed")
    files = rendered(wanted("cloudinit", "iso"), links)
    (tmp_path / "seed.iso").write_bytes(files.pop("seed.iso"))
    subprocess.run(
        ["xorriso", "-osirrox", "on", "-indev", "seed.iso", "-extract", "/", "out"],
        cwd=tmp_path,
        capture_output=True,
        check=True,
        timeout=60,
    )
    found = {
        path.name.lower().removesuffix("."): path.read_bytes()
        for path in (tmp_path / "out").iterdir()
    }
    assert found == files

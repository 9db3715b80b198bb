"""The scripts that run on the machine, run here by a real shell on machines made of files."""

from __future__ import annotations

import asyncio
import subprocess
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from aifactory_iac.providers.install.outside import KickstartValidator, Passed
from aifactory_iac.providers.install.outside.verdict import installed
from aifactory_iac.providers.install.render import rendered
from aifactory_iac.providers.install.render.scripts import disk_script
from aifactory_iac.providers.install.storage import Encryption, RootDevice

GIB = 1024**3
DISKS = {
    "nvme0n1": {"SIZE": 960 * 10**9, "ROTA": 0, "MODEL": "SAMSUNG MZ1L2960", "SERIAL": "S6X1"},
    "nvme1n1": {"SIZE": 960 * 10**9, "ROTA": 0, "MODEL": "SAMSUNG MZ1L2960", "SERIAL": "S6X2"},
    "nvme2n1": {"SIZE": 3840 * 10**9, "ROTA": 0, "MODEL": "KIOXIA KCM6", "SERIAL": "K1"},
    "sda": {"SIZE": 4000 * 10**9, "ROTA": 1, "MODEL": "ST4000NM", "SERIAL": "Z1"},
    "sdb": {"SIZE": 0, "ROTA": 0, "MODEL": "Card reader", "SERIAL": "S6X1"},
}
OTHERS = {"sr0": {"TYPE": "rom", "RM": 1}, "sdz": {"RM": 1}}
WWN = {"nvme0n1": "eui.36434630", "nvme1n1": "eui.36434631", "sda": "0x5000C500A1B2C3D4"}
LSBLK = """#!/bin/sh
# Columns of a disk are files; a disk in use has a partition, which --nodeps leaves out.
columns= nodeps= prefix= name=
while [ $# -gt 0 ]; do
  case "$1" in
    --output) columns=$(echo "$2" | tr , ' '); shift ;;
    --nodeps) nodeps=yes ;;
    --paths) prefix=/dev/ ;;
    /dev/*) name="${1#/dev/}" ;;
  esac
  shift
done
rows="$name"
[ -n "$name" ] || rows=$(ls "$DISKS")
[ -n "$nodeps" ] || [ ! -e "$DISKS/$name/used" ] || rows="$name $name"
for row in $rows; do
  for column in $columns; do
    [ "$column" != NAME ] || printf %s "$prefix"
    printf '%s ' "$(cat "$DISKS/$row/$column")"
  done
  echo ' '
done
"""


@pytest.fixture
def machine(tmp_path: Path):
    """Runs a script on a machine with these disks; gives its status, words and wiped disks."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (tmp_path / "dmi").mkdir()
    (tmp_path / "dmi" / "product_serial").write_text("7CJ5N44 \n")
    (tmp_path / "dmi" / "product_uuid").write_text("4C4C4544-0043-4A10-8035-B7C04F4E3434\n")

    def tool(name: str, text: str) -> None:
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)

    def run(script: str, used: dict[str, str] | None = None) -> tuple[int, str, list[str]]:
        for name, disk in (DISKS | OTHERS).items():
            place = tmp_path / "disks" / name
            place.mkdir(parents=True, exist_ok=True)
            columns = {"NAME": name, "TYPE": "disk", "RM": 0, "WWN": WWN.get(name, ""), **disk}
            for column, value in columns.items():
                (place / column).write_text(str(value))
            if name in (used or {}):
                (place / "used").touch()
        tool("lsblk", LSBLK)
        wiped = tmp_path / "wiped"
        wiped.write_text("")
        signature = "".join(f"{disk}) echo {what} ;;\n" for disk, what in (used or {}).items())
        tool(
            "wipefs",
            f'#!/bin/sh\nif [ "$1" = --noheadings ]; then case "${{2#/dev/}}" in {signature} esac\n'
            f'else echo "wipefs $3" >> {wiped}; fi\n',
        )
        tool("blkdiscard", f'#!/bin/sh\necho "blkdiscard $3" >> {wiped}\n')
        done = subprocess.run(
            ["/bin/sh", "-c", f'{script}\necho "ROOT_DISK=$ROOT_DISK ${{MIRROR_DISK:-}}"\n'],
            capture_output=True,
            text=True,
            env={
                "PATH": f"{folder}:/usr/bin:/bin",
                "AIFACTORY_DMI": str(tmp_path / "dmi"),
                "DISKS": str(tmp_path / "disks"),
            },
            timeout=20,
        )
        return done.returncode, done.stdout + done.stderr, wiped.read_text().splitlines()

    return run


def script_of(wanted: Any, root: dict[str, Any], mirror: RootDevice | None = None, **changes: Any):
    order = wanted("autoinstall", root=root, **changes)
    return disk_script(order, mirror, None, failed=False)


@pytest.mark.parametrize(
    ("root", "disk"),
    [
        ({"serial": "S6X2"}, "nvme1n1"),
        ({"wwn": "5000c500a1b2c3d4"}, "sda"),
        ({"wwn": "0x5000C500A1B2C3D4"}, "sda"),
        ({"wwn": "eui.36434630"}, "nvme0n1"),
        ({"model": "KIOXIA*"}, "nvme2n1"),
        ({"model": "*KCM*"}, "nvme2n1"),
        ({"rotational": True}, "sda"),
        ({"rotational": False, "size": {"least": "2TiB"}}, "nvme2n1"),
        ({"size": {"least": "3TiB", "most": "3600GiB"}}, "nvme2n1"),
        ({"name": "/dev/nvme2n1"}, "nvme2n1"),
        ({"model": "SAMSUNG MZ1L2960", "serial": "S6X1"}, "nvme0n1"),
    ],
    ids=str,
)
def test_the_one_disk_that_fits_all_hints(machine, wanted, root, disk):
    status, said, wiped = machine(script_of(wanted, root))
    assert (status, said) == (0, f"ROOT_DISK=/dev/{disk} \n")
    assert wiped == [f"wipefs /dev/{disk}"]


def test_a_mirror_is_another_disk_than_the_first(machine, wanted):
    mirror = RootDevice(model="SAMSUNG*")
    status, said, wiped = machine(script_of(wanted, {"serial": "S6X1"}, mirror))
    assert (status, said) == (0, "ROOT_DISK=/dev/nvme0n1 /dev/nvme1n1\n")
    assert wiped == ["wipefs /dev/nvme0n1", "wipefs /dev/nvme1n1"]


@pytest.mark.parametrize(
    ("root", "said"),
    [
        (
            {"model": "SAMSUNG*"},
            "both /dev/nvme0n1 and /dev/nvme1n1 fit model SAMSUNG*: no disk is touched",
        ),
        ({"serial": "S6X9", "rotational": True}, "no disk fits serial S6X9, rotational True"),
        ({"name": "/dev/disk/by-id/gone"}, "no disk fits name /dev/disk/by-id/gone"),
    ],
    ids=str,
)
def test_anything_but_one_disk_stops_the_install(machine, wanted, root, said):
    assert machine(script_of(wanted, root)) == (1, f"aifactory: {said}\n", [])


def test_another_machine_is_left_alone(machine, wanted):
    other = {"name": "n1", "serial": "OTHER$(id)"}
    script = script_of(wanted, {"serial": "S6X1"}, machine=other)
    assert machine(script) == (
        1,
        "aifactory: this is machine '7CJ5N44', not OTHER$(id): no disk is touched\n",
        [],
    )
    uuid = "11111111-2222-3333-4444-555555555555"
    script = script_of(
        wanted,
        {"serial": "S6X1"},
        machine={"name": "n1", "serial": "7CJ5N44", "uuid": uuid},
    )
    assert machine(script) == (
        1,
        (
            "aifactory: this machine has UUID 4c4c4544-0043-4a10-8035-b7c04f4e3434, not "
            f"{uuid}: no disk is touched\n"
        ),
        [],
    )


def test_a_uuid_with_its_parts_the_other_way_round_is_the_same(machine, wanted):
    turned = {"name": "n1", "serial": "7CJ5N44", "uuid": "44454c4c-4300-104a-8035-b7c04f4e3434"}
    status, _said, _wiped = machine(script_of(wanted, {"serial": "S6X1"}, machine=turned))
    assert status == 0


def test_what_a_controller_calls_its_uuid_runs_nothing(machine, wanted):
    odd = wanted("autoinstall", root={"serial": "S6X1"})
    target = odd.machine.model_copy(update={"uuid": "X); touch /tmp/hit; (", "serial": "'$(id)"})
    script = disk_script(odd.model_copy(update={"machine": target}), None, None, failed=False)
    status, said, wiped = machine(script)
    assert (status, wiped) == (1, [])
    assert said == "aifactory: this is machine '7CJ5N44', not '$(id): no disk is touched\n"
    target = target.model_copy(update={"serial": None})
    script = disk_script(odd.model_copy(update={"machine": target}), None, None, failed=False)
    status, said, wiped = machine(script)
    assert (status, wiped) == (1, [])
    assert said == (
        "aifactory: this machine has UUID 4c4c4544-0043-4a10-8035-b7c04f4e3434, not "
        "x); touch /tmp/hit; (: no disk is touched\n"
    )


def test_a_machine_that_nobody_knows_is_never_erased(machine, wanted):
    script = script_of(wanted, {"serial": "S6X1"}, machine={"name": "n1"})
    said = "aifactory: nobody said which machine this has to be: no disk is touched\n"
    assert machine(script) == (1, said, [])
    script = script_of(wanted, {"serial": "S6X1"}, machine={"name": "n1"}, wipe="never")
    assert machine(script) == (0, "ROOT_DISK=/dev/nvme0n1 \n", [])


def test_without_leave_to_wipe_the_disk_must_be_empty(machine, wanted):
    script = script_of(wanted, {"serial": "S6X1"}, wipe="never")
    assert machine(script) == (0, "ROOT_DISK=/dev/nvme0n1 \n", [])
    assert machine(script, {"nvme0n1": "gpt"}) == (
        1,
        "aifactory: /dev/nvme0n1 is not empty, and nothing says that it may be erased\n",
        [],
    )
    assert machine(script, {"nvme0n1": ""}) == (
        1,
        "aifactory: /dev/nvme0n1 is in use, and nothing says that it may be erased\n",
        [],
    )


def test_a_full_wipe_overwrites_every_block_of_that_disk_alone(machine, wanted):
    script = script_of(wanted, {"serial": "S6X1"}, wipe="full")
    status, _said, wiped = machine(script, {"nvme0n1": "gpt", "sda": "gpt"})
    assert (status, wiped) == (0, ["wipefs /dev/nvme0n1", "blkdiscard /dev/nvme0n1"])


def test_partitions_lose_their_signatures_before_their_disk(machine, wanted):
    status, _said, wiped = machine(script_of(wanted, {"serial": "S6X1"}), {"nvme0n1": "gpt"})
    assert (status, len(wiped)) == (0, 2)


def test_the_partitioning_that_anaconda_includes(machine, wanted, links, tmp_path):
    """The script before a kickstart install, run here; what it writes is read by ksvalidator."""
    text = rendered(wanted("kickstart"), links)["ks.cfg"].decode()
    script = text.split("%pre --erroronfail --interpreter=/bin/sh\n")[1].split("%end")[0]
    included = tmp_path / "storage.ks"
    script = script.replace("modprobe ipmi_si", ":").replace(
        "/run/aifactory", str(tmp_path / "run")
    )
    status, said, wiped = machine(script.replace("/tmp/aifactory-storage.ks", str(included)))
    assert (status, said) == (0, "ROOT_DISK=/dev/nvme0n1 /dev/nvme1n1\n")
    assert wiped == ["wipefs /dev/nvme0n1", "wipefs /dev/nvme1n1"]
    lines = included.read_text()
    key = (tmp_path / "run" / "disk.key").read_text()
    assert lines.count(f'--passphrase="{key}"') == 2
    assert "$" not in lines
    assert lines.startswith("ignoredisk --only-use=nvme0n1,nvme1n1\nzerombr\n")
    assert included.stat().st_mode & 0o777 == 0o600
    if installed("ksvalidator") is None:
        pytest.skip("NOT CHECKED: ksvalidator is not installed")
    whole = text.replace("%include /tmp/aifactory-storage.ks\n", lines)
    assert asyncio.run(KickstartValidator().check({"ks.cfg": whole.encode()})) == Passed()


def test_the_disks_that_autoinstall_is_told(machine, wanted, links, tmp_path):
    """The first early command, run here on the document that holds it."""
    text = rendered(wanted("autoinstall"), links)["user-data"].decode()
    document = tmp_path / "autoinstall.yaml"
    document.write_text(text)
    shell, flag, script = YAML(typ="safe").load(text)["autoinstall"]["early-commands"][0]
    assert (shell, flag) == ("sh", "-c")
    script = script.replace("/autoinstall.yaml", str(document))
    status, _said, _wiped = machine(script.replace("/run/aifactory", str(tmp_path / "run")))
    assert status == 0
    actions = YAML(typ="safe").load(document)["autoinstall"]["storage"]["config"]
    assert [action["path"] for action in actions if action["type"] == "disk"] == [
        "/dev/nvme0n1",
        "/dev/nvme1n1",
    ]


def test_the_key_of_an_encrypted_disk_is_made_here(wanted, tmp_path):
    script = disk_script(wanted("autoinstall"), None, Encryption(unlock="tpm2"), failed=False)
    made = script.splitlines()[-2:]
    here = "\n".join(made).replace("/run/aifactory", str(tmp_path / "run"))
    for _ in range(2):
        subprocess.run(["/bin/sh", "-c", here], check=True, timeout=20)
    key = tmp_path / "run" / "disk.key"
    assert key.stat().st_mode & 0o777 == 0o600
    assert len(key.read_text()) == 64

"""A machine truly boots from the network: iPXE, our script, a kernel, its seed, the call-back."""

from __future__ import annotations

import asyncio
import hashlib
import socket
import subprocess
import time
from pathlib import Path

import pytest

from aifactory_iac.lab.boot.archive import archived, file, folder
from aifactory_iac.lab.boot.host_files import found, missing
from aifactory_iac.lab.boot.medium import first_file_system
from aifactory_iac.providers.install.installation import read_installation
from aifactory_iac.providers.install.plan import unmet
from aifactory_iac.providers.provisioning.seeds import Seeds
from aifactory_iac.providers.provisioning.serving import Listen, serving

pytestmark = [
    pytest.mark.qemu,
    pytest.mark.slow,  # firmware, iPXE and a kernel run under software emulation: half a minute
    pytest.mark.skipif(bool(missing()), reason=f"NOT CHECKED: no {', '.join(missing())}"),
]

MAC, SERIAL, UUID = "52:54:00:aa:bb:01", "7CJ5N44", "4c4c4544-0043-4a10-8035-b7c04f4e3434"

INIT = b"""#!/bin/busybox sh
# Stands in for an installer: finds its seed as cloud-init does, and runs the script that is in it.
/bin/busybox mkdir -p /proc /sys /dev /tmp
/bin/busybox --install -s /bin
export PATH=/bin
mount -t proc none /proc
mount -t sysfs none /sys
mount -t devtmpfs none /dev
for module in $(cat /modules/order); do insmod "/modules/$module"; done
until [ -e /sys/class/net/eth0 ]; do sleep 0.1; done
ip link set eth0 up
ip address add 10.0.2.15/24 dev eth0
ip route add default via 10.0.2.2
seed=$(sed 's/.*;s=\\([^ ]*\\).*/\\1/' /proc/cmdline)
until wget -q -O /tmp/user-data "${seed}user-data"; do sleep 0.5; done
sed -n '/^    call() {/,/^    call ready/p' /tmp/user-data | sed 's/^    //' > /tmp/call.sh
sh /tmp/call.sh
poweroff -f
"""


def first_files() -> bytes:
    host = found()
    kept = [entry for entry in first_file_system(host) if entry.path != "init"]
    return archived([*kept, folder("tmp"), file("init", INIT, runs=True)])


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def placed(path: Path, content: bytes) -> dict[str, str]:
    path.write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()
    return {"url": f"file://{path}", "digest": f"sha256:{digest}"}


def machine(url: str, folder: Path) -> subprocess.Popen[bytes]:
    """QEMU with an empty disk that is told by DHCP to boot from a URL, as a reserved card is."""
    host = found()
    network = f"user,id=net0,bootfile={url}/boot/boot.ipxe?mac={MAC}"
    return subprocess.Popen(
        [
            str(host.qemu), "-machine", "q35,accel=tcg", "-nodefaults", "-no-user-config",
            "-display", "none", "-m", "384", "-no-reboot", "-boot", "n",
            "-smbios", f"type=1,uuid={UUID},serial={SERIAL}",
            "-netdev", network, "-device", f"virtio-net-pci,netdev=net0,mac={MAC}",
        ],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip


def test_a_machine_boots_from_the_network_and_calls_back(folder, tmp_path, key):
    kernel = placed(tmp_path / "vmlinuz", found().kernel.read_bytes())
    initrd = placed(tmp_path / "initrd", first_files())
    order = read_installation(
        {
            "machine": {"name": "n9", "serial": SERIAL, "uuid": UUID, "macs": [MAC], "disks": 1},
            "image": {
                "os": "ubuntu-24.04",
                "media": "pxe",
                "kernel": kernel,
                "initrd": initrd,
                **placed(tmp_path / "root.squashfs", b"a root file system"),
            },
            "config": {"cloudinit": {"users": {"ops": {"keys": [key]}}}},
        },
        ("127.0.0.0/8",),
    )
    assert order.failures == ()
    port = free_port()

    async def boot() -> None:
        listen = Listen(port=port, advertised=f"http://10.0.2.2:{port}")
        async with serving(folder.path, listen) as url:
            seeds = Seeds.of(folder, time.time)
            await seeds.provide(order.value)
            published = await asyncio.to_thread(seeds.publish, order.value)
            running = await asyncio.to_thread(machine, url, tmp_path)
            try:
                until = time.monotonic() + 300
                while (call := seeds.called_back(published.token)) is None:
                    assert running.poll() is None, "the machine went off without a word"
                    assert time.monotonic() < until, "the machine has not called back"
                    await asyncio.sleep(0.2)
            finally:
                running.kill()
                running.wait()
            assert unmet(order.value, call) == ()
            assert (call.serial, call.uuid, call.macs) == (SERIAL, UUID, (MAC,))
            seeds.withdraw(published.token)

    asyncio.run(boot())

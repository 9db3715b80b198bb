"""How a machine is started over the network: an iPXE script and a GRUB menu, for one boot."""

from __future__ import annotations

from aifactory_iac.providers.install.installation import Installation
from aifactory_iac.providers.install.links import Links
from aifactory_iac.providers.install.render.text import from_template


def boot_files(wanted: Installation, links: Links) -> dict[str, bytes]:
    """`boot.ipxe` and `grub.cfg`; none for an image that a controller inserts as a medium.

    iPXE that firmware loaded over HTTP looks for `autoexec.ipxe` beside itself, and Ubuntu's signed
    GRUB for `grub/grub.cfg`.
    """
    image = wanted.image
    if image.kernel is None or image.initrd is None:
        return {}
    values = {
        "machine": wanted.machine.name,
        "kernel": links.image(image.kernel),
        "initrd": links.image(image.initrd),
        "base": links.base,
        "arguments": kernel_line(wanted, links),
    }
    script = from_template("boot.ipxe.j2", **values).encode()
    menu = from_template("grub.cfg.j2", **values).encode()
    return {"boot.ipxe": script, "autoexec.ipxe": script, "grub.cfg": menu, "grub/grub.cfg": menu}


def kernel_line(wanted: Installation, links: Links) -> list[str]:
    """What the installer's kernel is told: where its document is, and what it installs from."""
    image = links.image(wanted.image)
    match wanted.config.kind:
        case "autoinstall":
            seed = f"ds=nocloud-net;s={links.seed}"
            return ["ip=dhcp", f"url={image}", "autoinstall", "cloud-config-url=/dev/null", seed]
        case "cloudinit":
            # Ubuntu's images know `squash:` (cloud-initramfs-rooturl), dracut's know `live:`.
            root = "squash" if wanted.image.os.startswith("ubuntu") else "live"
            return ["ip=dhcp", f"root={root}:{image}", f"ds=nocloud-net;s={links.seed}"]
        case "kickstart":
            return ["ip=dhcp", f"root=live:{image}", f"inst.ks={links.file('ks.cfg')}"]
        case "ignition":
            return [
                "ip=dhcp",
                "ignition.firstboot",
                "ignition.platform.id=metal",
                f"ignition.config.url={links.file('live.ign')}",
                f"coreos.live.rootfs_url={image}",
            ]

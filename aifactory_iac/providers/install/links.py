"""Where a machine finds what is published for it; the one place that knows these paths."""

from __future__ import annotations

from dataclasses import dataclass, field

from aifactory_iac.providers.install.image import ImagePart, OsImage

STAGES = ("written", "ready", "failed")
"""What a machine may say: its disk is written; its installed system is up; it did not work."""

SEED_FILES = ("user-data", "meta-data", "vendor-data", "network-config")
"""What cloud-init asks for below a NoCloud seed."""


@dataclass(frozen=True, slots=True)
class Links:
    """URLs of one install; `base` has no slash at its end, `token` opens them and is not shown."""

    base: str
    token: str = field(repr=False)
    callback: str | None = None
    """Template of a receiver of one's own for `ready`, with `{token}`."""

    @property
    def seed(self) -> str:
        """The NoCloud seed, with the slash at its end that cloud-init needs."""
        return f"{self.base}/m/{self.token}/"

    def file(self, name: str) -> str:
        """One file of the install."""
        return self.seed + name

    def stage(self, stage: str) -> str:
        """Where a stage is reported to."""
        if stage == "ready" and self.callback is not None:
            return self.callback.replace("{token}", self.token)
        return self.file(stage)

    def image(self, image: OsImage | ImagePart) -> str:
        """A measured image or part of one."""
        return f"{self.base}/images/{image.digest.removeprefix('sha256:')}/{image.filename}"

    def loader(self, image: OsImage) -> str:
        """The EFI program that firmware starts; GRUB looks for its menu beside itself."""
        return self.file(image.loader.filename) if image.loader else self.image(image)

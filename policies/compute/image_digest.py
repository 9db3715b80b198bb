"""AIF-CMP-010."""

from __future__ import annotations

import re

from aifactory_iac.policy import Checks, Context, Severity, failed, passed, rule

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


@rule(
    id="AIF-CMP-010",
    title="Images of one's own machines are pinned by digest",
    severity=Severity.MEDIUM,
    zone="compute",
    controls=("soc2:CC6.8", "iso27001:A.8.19", "nist800-53:CM-14"),
    needs=("blueprint",),
)
def image_digest(factory: Context) -> Checks:
    """What a node boots is named by the digest of its content, not by a name that can move.

    Cloud pools run the provider's signed node images and are left out.
    """
    for pool in factory.pools.values():
        if pool.site not in factory.facility_sites:
            continue
        path = ("compute", pool.name, "image")
        digest = pool.image.digest if pool.image is not None else None
        if digest is None:
            yield failed(
                path,
                "unpinned",
                f"the image of pool `{pool.name}` has no digest",
                hint="add `digest: sha256:...` of the image file",
            )
        elif _DIGEST.fullmatch(digest) is None:
            yield failed(
                (*path, "digest"),
                "malformed",
                f"the digest of pool `{pool.name}`'s image is not `sha256:` and 64 hex digits",
            )
        else:
            yield passed(path)

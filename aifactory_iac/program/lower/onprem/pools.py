"""The compute unit of a site: what the machines of every pool are kept in, and what bounds it."""

from __future__ import annotations

from typing import Any

import numpy as np

from aifactory_iac.blueprint.model import Blueprint
from aifactory_iac.blueprint.model.compute import Image, Pool
from aifactory_iac.design.model import Design, PoolDesign
from aifactory_iac.program.lower.onprem.installing import install_of
from aifactory_iac.program.lower.onprem.machines import groups, machines, pools_of
from aifactory_iac.program.lower.onprem.site import (
    FacilitySite,
    domain,
    present,
    protection,
    provisioning_networks,
    reference,
)
from aifactory_iac.program.ports import output_name, port
from aifactory_iac.program.unit import Call, Give, Ref, Take, Unit


def compute_unit(site: FacilitySite, blueprint: Blueprint, design: Design) -> Unit:
    """The unit of all pools of a site; without calls where there are none."""
    asked = {pool.name: pool for pool in blueprint.compute}
    calls = tuple(
        _pool(asked[name], site, blueprint, design) for name in pools_of(design, site.name)
    )
    gives = tuple(
        Give(output_name(call.args["pool"], "groups"), "NodeGroups", Ref(call.name, "group_ids"))
        for call in calls
    )
    return Unit(site.name, "compute", (), calls, gives)


def _pool(pool: Pool, site: FacilitySite, blueprint: Blueprint, design: Design) -> Call:
    found = design.pools[pool.name]
    pins = pool.bmc.pins if pool.bmc is not None else {}
    args: dict[str, Any] = {
        "site": site.name,
        "pool": pool.name,
        "system": found.system,
        "domain": domain(site),
        "units": {
            group.name: {
                "number": group.number,
                "machines": machines(design, group.rows, pins),
                "rack": _of_one_rack(design, group.rows),
            }
            for group in groups(design, found)
        },
        "boot": {
            "method": pool.install.method if pool.install is not None else "http",
            "secure": pool.secure_boot,
        },
        "disks": {"wipe": "never", "encrypt": pool.encrypt_local_nvme},
        "rollout": {"unavailable": 1, "drain": True},
        "provisioning_server": Take(port(site.name, "provisioning", "server_id"), "Text"),
        **_power(site, found),
        **present(
            image=image_of(pool.image) if pool.image is not None else None,
            cluster=_cluster(pool, blueprint),
        ),
    }
    if pool.install is not None and pool.image is not None:
        install, root = install_of(pool, pool.install, pool.image.os)
        args["install"] = {
            **install,
            "networks": tuple(sorted(provisioning_networks(site, design).values())),
        }
        args["disks"] |= {"root": root} if root else {}
    if pool.bmc is not None:
        args["bmc"] = {
            "credentials": reference(pool.bmc.credentials),
            "tls": pool.bmc.tls,
            **present(exception=pool.bmc.exception),
        }
    return Call(
        component="onprem.node_pool:NodePool",
        name=f"{site.name}-{pool.name}",
        args=args,
        options=protection(blueprint),
        origin=("compute", pool.name),
    )


def image_of(image: Image) -> dict[str, Any]:
    """An image in the shape of `aifactory:metal:Image`."""
    parts = {role: getattr(image, role) for role in ("kernel", "initrd", "loader")}
    return present(
        os=image.os,
        driver=image.driver,
        digest=image.digest,
        url=image.url,
        **{
            role: {"url": part.url, "digest": part.digest}
            for role, part in parts.items()
            if part is not None
        },
    )


def _cluster(pool: Pool, blueprint: Blueprint) -> dict[str, str] | None:
    """The cluster whose scheduler drains the machines; a pool belongs to one at most."""
    for cluster in sorted(blueprint.orchestration.clusters, key=lambda item: item.name):
        if cluster.site == pool.site and pool.name in cluster.pools:
            return {"id": f"{cluster.site}/{cluster.name}", "kind": cluster.kind}
    return None


def _power(site: FacilitySite, pool: PoolDesign) -> dict[str, int]:
    """What one machine draws by the best figure there is, and what may come on in a minute."""
    if pool.node_power_kw is None:
        return {}
    ramp = site.facility.ramp
    return present(
        watts=round(pool.node_power_kw * 1000),
        ramp=round(ramp.base) if ramp is not None else None,
    )


def _of_one_rack(design: Design, rows: slice) -> int:
    """How many machines of one rack may be disturbed at once: half, so that no rack goes dark."""
    racks = design.nodes.rack[rows]
    _, counts = np.unique(racks[racks >= 0], return_counts=True)
    return max(1, int(counts.max(initial=1)) // 2)

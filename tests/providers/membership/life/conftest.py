"""A membership of ten nodes, made, changed and let go in one call each."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from aifactory_iac.providers.resources.cluster_membership import TYPE

NAMES = [f"n{number:02d}" for number in range(10)]
ID = "fra1/metal/metal.train-su001"
TAINT = "nvidia.com/gpu=present:NoSchedule"


@pytest.fixture
def inputs():
    """Checked inputs of these nodes, with changes."""

    def checked(names: list[str] = NAMES, **more: Any) -> dict[str, Any]:
        wanted = {
            "cluster": "fra1/metal",
            "nodeGroup": "fra1/train/su001",
            "labels": {"aifactory/pool": "train"},
            "taints": [TAINT],
            "rackLabel": "aifactory/rack",
            "drainSeconds": 120,
            "joinSeconds": 60,
            "access": {"store": "env", "path": "KUBE"},
            "nodes": {name: {"rack": f"r{index // 4}"} for index, name in enumerate(names)},
        } | more
        found = TYPE.check(None, wanted)
        assert found.failures == ()
        return dict(found.inputs)

    return checked


@pytest.fixture
def create():
    """Makes it."""
    return lambda wanted, around: asyncio.run(
        TYPE.create("metal.train-su001", wanted, around, preview=False)
    )


@pytest.fixture
def update():
    """Changes it."""
    return lambda old, state, new, around: asyncio.run(
        TYPE.update(ID, old, state, new, around, preview=False)
    )


@pytest.fixture
def read():
    """Looks at it."""
    return lambda wanted, state, around: asyncio.run(TYPE.read(ID, wanted, state, around))


@pytest.fixture
def delete():
    """Lets it go."""
    return lambda wanted, state, around: asyncio.run(TYPE.delete(ID, wanted, state, around))


@pytest.fixture
def marked():
    """Labels, annotations and taints of a node."""

    def found(api, name):
        meta = api.nodes[name].document()["metadata"]
        taints = api.nodes[name].fields.get(("spec", "taints"))
        return meta.get("labels", {}), meta.get("annotations", {}), taints

    return found


@pytest.fixture
def unschedulable():
    """Names of the nodes that are closed, by whom ever."""
    return lambda api: [
        name for name, node in api.nodes.items() if ("spec", "unschedulable") in node.fields
    ]

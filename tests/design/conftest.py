"""Factories in a few words: a catalog, and blueprints built from what a test is about."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from aifactory_iac.blueprint.model import Blueprint
from aifactory_iac.catalog import Catalog

Build = Callable[..., Blueprint]


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    return Catalog.shipped()


@pytest.fixture(scope="session")
def build() -> Build:
    """A blueprint from its layers; sites default to one on-prem site `dc1` with ample power."""

    def built(
        *,
        compute: list[Mapping[str, Any]],
        fabric: list[Mapping[str, Any]] = (),
        sites: list[Mapping[str, Any]] | None = None,
        **layers: Any,
    ) -> Blueprint:
        return Blueprint.model_validate(
            {
                "apiVersion": "aifactory/v1",
                "kind": "Blueprint",
                "metadata": {"name": "test", "version": "1.0.0"},
                "sites": sites or [on_prem()],
                "compute": list(compute),
                "fabric": list(fabric),
                **layers,
            }
        )

    return built


@pytest.fixture(scope="session")
def site() -> Callable[..., dict[str, Any]]:
    """An on-prem site with the facility's fields given by name."""
    return on_prem


@pytest.fixture(scope="session")
def superpod(build: Build) -> Callable[..., Blueprint]:
    """A DGX SuperPOD of DGX H100 with its four networks, `units` scalable units large."""

    def built(units: int, *, grows_to: Mapping[str, int] | None = None, **pool: Any) -> Blueprint:
        growth = {"grows_to": dict(grows_to)} if grows_to else {}
        ethernet = {"technology": "ethernet", "serves": ["dgx"], **growth}
        infiniband = {"technology": "infiniband-ndr", "serves": ["dgx"], **growth}
        size = {} if "count" in pool else {"scalable_units": units}
        return build(
            compute=[{"name": "dgx", "site": "dc1", "system": "dgx-h100", **size, **pool}],
            fabric=[
                {"name": "compute", "subnet_manager": "ufm", **infiniband},
                {"name": "storage", "oversubscription": {"at_most": 1.34}, **infiniband},
                {"name": "in-band", "oversubscription": {"at_most": 4.0}, **ethernet},
                {"name": "out-of-band", **ethernet},
            ],
        )

    return built


def on_prem(
    name: str = "dc1", *, addresses: str = "10.0.0.0/10", **facility: Any
) -> dict[str, Any]:
    return {
        "name": name,
        "kind": "on-prem",
        "location": {"country": "DE"},
        "facility": {"envelope": "500 MW", "pue": {"design": 1.2, "annual": 1.15}, **facility},
        "addresses": addresses,
    }

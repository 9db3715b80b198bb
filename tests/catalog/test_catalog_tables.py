"""The catalog as others use it: typed, lazy, read-only, with a digest and provenance."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable

import pytest

from aifactory_iac.catalog import TABLES, Catalog
from aifactory_iac.catalog.facts import Provenance


def modules_after(code: str) -> set[str]:
    program = f"import json, sys; {code}; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    return set(json.loads(done.stdout))


def test_facts_need_no_yaml() -> None:
    code = "import aifactory_iac.catalog.facts"
    loaded = modules_after("sys.modules['aifactory_iac.catalog'] = type(sys)('c'); "
                           "sys.modules['aifactory_iac.catalog'].__path__ = "
                           "[__import__('importlib.util').util.find_spec('aifactory_iac')"
                           ".submodule_search_locations[0] + '/catalog']; " + code)  # fmt: skip
    assert "aifactory_iac.catalog.facts" in loaded
    assert not {name for name in loaded if name.startswith(("ruamel", "jsonschema"))}


def test_shipped_facts_need_no_jsonschema_and_no_numpy() -> None:
    loaded = modules_after(
        "from aifactory_iac.catalog import Catalog; c = Catalog.shipped();"
        "c.systems; c.digest; c.findings"
    )
    assert not {"jsonschema", "numpy", "pulumi", "pydantic", "rich"} & loaded


def test_a_table_is_read_when_it_is_first_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    from aifactory_iac.catalog import catalog as module

    texts: list[str] = []
    real = module.read

    def spying(text: str) -> object:
        texts.append(text.splitlines()[0].rpartition("/")[2])
        return real(text)

    monkeypatch.setattr(module, "read", spying)
    fresh = Catalog.shipped()
    assert fresh.findings == ()
    assert texts == []
    assert fresh.racks is fresh.racks
    assert texts == ["sources.json", "racks.json"]


def test_every_table_is_an_attribute(shipped: Catalog) -> None:
    for name in TABLES:
        assert getattr(shipped, name) is shipped.table(name)


def test_an_unknown_table_is_a_programmer_error(shipped: Catalog) -> None:
    with pytest.raises(KeyError):
        shipped.table("toasters")


def test_tables_are_read_only(shipped: Catalog) -> None:
    with pytest.raises(TypeError):
        shipped.racks["mine"] = shipped.racks["standard-42u"]  # type: ignore[index]
    with pytest.raises(AttributeError):
        shipped.racks["standard-42u"].rack_units = 99  # type: ignore[misc]


def test_the_digest_is_the_same_for_the_same_facts(overlay: Callable[..., Catalog]) -> None:
    assert Catalog.shipped().digest == Catalog.shipped().digest
    assert len(Catalog.shipped().digest) == 64
    mine = "racks: {mine: {name: Mine, rack_units: 40, sources: [quote]}}\n"
    one, other = overlay(mine), overlay(mine.replace("40", "41"))
    assert one.digest == overlay(mine).digest
    assert len({Catalog.shipped().digest, one.digest, other.digest}) == 3


def test_where_a_field_comes_from(shipped: Catalog) -> None:
    assert shipped.provenance("constants", "storage.gb_s_per_gpu", "value") == (
        "from catalog",
        "DDN blog, DGX B200 storage sizing (vendor, 2026-11-21) https://www.ddn.com/blog/",
        "read and write; multimodal and checkpoint-heavy work needs more",
    )
    assert shipped.provenance("racks", "standard-42u", "load_kg")[0] == "from catalog"
    doubted = shipped.provenance("accelerators", "nvidia-gb300-gpu", "tflops_dense.int8")
    assert doubted[1] == "unverified: no source is good enough to gate a design on this"
    sound = shipped.provenance("accelerators", "nvidia-gb300-gpu", "tflops_dense.bf16")
    assert doubted[1] not in sound
    with pytest.raises(KeyError):
        shipped.provenance("racks", "standard-42u", "colour")


@pytest.mark.parametrize(
    ("unverified", "field", "verified"),
    [
        ([], "power_w", True),
        (["power_w"], "power_w", False),
        (["power_w"], "power", True),
        (["power"], "power_w", True),
        (["*"], "anything", False),
        (["tflops_dense"], "tflops_dense.bf16", False),
        (["tflops_dense.fp4"], "tflops_dense.bf16", True),
        (["tflops_dense.fp4"], "tflops_dense", True),
    ],
)
def test_verified_reaches_into_a_field(
    unverified: list[str], field: str, *, verified: bool
) -> None:
    assert Provenance((), frozenset(unverified)).verified(field) is verified

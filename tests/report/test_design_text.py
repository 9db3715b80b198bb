"""The engineered factory on a terminal: every table, at the width that it gets."""

from __future__ import annotations

from dataclasses import replace

import pytest
from rich.cells import cell_len

from aifactory_iac.api import design, load
from aifactory_iac.library import volumes
from aifactory_iac.report.design_text import design_view, summary_rows
from aifactory_iac.report.estimate_text import estimate_view
from aifactory_iac.report.tables import rendered


def test_everything_that_a_design_amounts_to(tiny_design):
    assert (
        rendered(design_view(tiny_design), colour=False, width=80)
        == """
tiny 1.0.0
nodes  4
GPUs   8,032
racks  1
power  ~43.8 kW IT, ~56.94 kW facility

Compute (PF: petaFLOPS, dense)
pool   site   system       nodes  spare   GPUs  bf16 PF  fp8 PF   memory
burst  cloud  p5.48xlarge  1,000      0  8,000    7,914       -   640 TB
train  hall   dgx-h100         4      1     32     31.7    63.3  2.56 TB

Networks
network  technology      switch   ports  leaf  spine  core  cables  oversub.
compute  infiniband-ndr  QM9700      32     2      1     0      48      1.00
efa      efa             cloud   32,000     -      -     -       -         -

Power
site    nodes  network  storage        IT   facility  envelope   PUE
hall  40.8 kW     3 kW     0 kW  ~43.8 kW  ~56.94 kW  1,000 kW  1.30

Feeds and cooling
site   feeds  after a loss      air  liquid    airflow    water
hall  2 (2N)      1,000 kW  43.8 kW    0 kW  6,918 CFM  0 l/min

Storage
tier     site   kind      units  needed  there is
lake     cloud  object        -  405 TB   elastic
scratch  hall   parallel      2  405 TB    500 TB

Throughput of storage
tier     read needed     reads  write needed    writes
scratch      32 GB/s  ~90 GB/s       32 GB/s  ~65 GB/s

Addresses
site  purpose  block        used    room
hall  in-band  10.1.0.0/16     4  16,000

~ stands before a figure that rests on a fact no source proves; `aifactory
design -v` names it.
"""
    )


def test_what_there_is_none_of_has_no_table(tiny_design):
    bare = replace(tiny_design, pools={}, networks={}, power={}, cooling={}, storage={}, subnets=())
    assert rendered(design_view(bare), colour=False) == (
        "\ntiny 1.0.0\nnodes  4\nGPUs   0\nracks  1\n"
    )


def test_where_all_is_proven_nothing_is_marked(tiny_design):
    power = {name: replace(each, verified=True) for name, each in tiny_design.power.items()}
    tiers = {name: replace(each, verified=True) for name, each in tiny_design.storage.items()}
    text = rendered(design_view(replace(tiny_design, power=power, storage=tiers)), colour=False)
    assert "~" not in text


def test_a_tier_whose_throughput_nobody_knows_is_said_to_be_so(tiny_design):
    scratch = replace(tiny_design.storage["scratch"], write_gb_s=None, capacity_tb=None)
    text = rendered(design_view(replace(tiny_design, storage={"scratch": scratch})), colour=False)
    assert "scratch  hall  parallel      2  405 TB  not known" in text
    assert "scratch      32 GB/s  ~90 GB/s       32 GB/s  not known" in text


def test_the_summary_is_what_everyone_asks_first(tiny_design):
    assert summary_rows(tiny_design) == [
        ("nodes", "4"),
        ("GPUs", "8,032"),
        ("racks", "1"),
        ("power", "~43.8 kW IT, ~56.94 kW facility"),
    ]


@pytest.fixture(scope="module", params=[volume.name for volume in volumes()])
def factory(request):
    return design(load(request.param))


@pytest.mark.parametrize("width", [80, 100])
def test_every_library_blueprint_fits_and_no_figure_is_cut(factory, width):
    for view in (design_view(factory), estimate_view(factory, formulas=False),
                 estimate_view(factory, formulas=True)):  # fmt: skip
        lines = rendered(view, colour=False, width=width).splitlines()
        assert [line for line in lines if cell_len(line) > width] == []
        assert [line for line in lines if "…" in line and any(
            word.endswith("…") and word[:1].isdigit() for word in line.split())] == []  # fmt: skip

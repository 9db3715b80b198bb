"""From an inventory to processes: what each part is told, and why one is not there."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from aifactory_iac.lab import extra
from aifactory_iac.lab.clusters import programs
from aifactory_iac.lab.inventory import CloudSite, Cluster
from aifactory_iac.lab.parts.every import parts
from aifactory_iac.lab.parts.machines import model_of
from aifactory_iac.lab.parts.part import Absent, Shared, count
from aifactory_iac.lab.wish import Wish


@pytest.fixture
def told(catalog):
    """The parts of an inventory by name, and what is absent."""

    def telling(wanted, **wishes):
        shared = Shared(
            folder=Path("/lab"), ca=Path("/lab/ca.pem"), certificate=Path("/lab/server.pem"),
            key=Path("/lab/server.key"), machine_faults=Path("/lab/m.json"),
            switch_faults=Path("/lab/s.json"), catalog=catalog,
            credentials={
                reference: f"/lab/credentials/{number}.json"
                for number, reference in enumerate((*wanted.secrets, "lab:bmc", "lab:switches"))
            },
        )  # fmt: skip
        every = parts(wanted, Wish("target", **wishes), shared)
        return {part.name: part for part in every.present}, every.absent

    return telling


@pytest.fixture
def programs_there(monkeypatch):
    """Pretends that exactly these programs are installed."""

    def there(*names: str) -> None:
        monkeypatch.setattr(programs, "find", lambda name: f"/b/{name}" if name in names else None)

    return there


def test_controllers_with_the_same_secret_are_one_process(told, stock):
    present, absent = told(stock("edge-inference"), kinds=("bmc",))
    assert absent == ()
    assert [(name, part.module, part.what) for name, part in present.items()] == [
        ("bmc-1", "aifactory_iac.lab.redfish", "2 machines at plant-lyo"),
        ("bmc-2", "aifactory_iac.lab.redfish", "2 machines at plant-muc"),
    ]
    first = present["bmc-1"].document
    assert first["credentials"] == "/lab/credentials/0.json"
    assert first["tls"] == {"cert": "/lab/server.pem", "key": "/lab/server.key"}
    assert (first["log"], first["faults"]) == ("/lab/bmc-1/witness.jsonl", "/lab/m.json")
    assert first["machines"][0] == {
        "name": "lyo-n0001", "address": "10.17.0.4", "serial": "BTKT3QFU81D0",
        "uuid": "dc9ca058-96f7-5722-ba3e-b400dce06f23",
        "macs": ["02:ad:06:41:7a:da", "02:6d:e9:c4:5f:40"], "model": "generic",
    }  # fmt: skip


def test_machines_without_a_secret_get_one_of_the_lab(told, stock):
    whole = stock("edge-inference")
    bare = replace(
        whole, machines=tuple(replace(each, credentials=None) for each in whole.machines)
    )
    present, _ = told(bare, kinds=("bmc",))
    assert list(present) == ["bmc"]
    assert present["bmc"].document["credentials"] == "/lab/credentials/2.json"


@pytest.mark.parametrize(
    ("system", "model"),
    [("dgx-h100", "dgx-h100"), ("dgx-h100-air", "dgx-h100"), ("pcie-8x-l40s", "generic")],
)
def test_a_system_is_emulated_by_its_own_model_or_its_familys(system, model):
    assert model_of(system) == model


def test_the_parts_understand_what_they_are_told(told, stock, tmp_path):
    from aifactory_iac.lab.redfish.spec import parse as parse_fleet
    from aifactory_iac.lab.switches.spec import parse as parse_switches

    present, _ = told(stock("superpod-h100", scalable_units="1"), kinds=("bmc", "switches"))
    assert len(parse_fleet(present["bmc"].document).machines) == 31
    assert len(parse_switches(present["switches"].document).switches) == 21


def test_a_machine_that_truly_boots_gets_a_part_beside_its_fleet(told, stock):
    present, _ = told(stock("edge-inference"), kinds=("bmc",), boots=("muc-n0002",))
    assert list(present) == ["bmc-1", "bmc-2", "boot-2"]
    document = present["boot-2"].document
    assert document["log"] == present["bmc-2"].document["log"]
    assert document["machines"] == [
        {key: each[key] for key in ("name", "uuid", "serial")} | {"mac": each["macs"][0]}
        for each in present["bmc-2"].document["machines"]
        if each["name"] == "muc-n0002"
    ]


def test_switches_say_what_they_run_and_how_many_ports_they_have(told, stock):
    present, _ = told(stock("superpod-h100", scalable_units="1"), kinds=("switches",))
    part = present["switches"]
    assert part.what == "21 switches (16 mlnx-os, 5 nvue)"
    assert part.document["switches"][0] == {
        "hostname": "compute-leaf-dgx-001-r1", "os": "mlnx-os", "model": "QM9700", "ports": 32,
        "per_cage": 2, "address": "compute-leaf-dgx-001-r1.dc1.internal",
    }  # fmt: skip


def test_a_switch_with_an_address_is_reached_there_and_an_unknown_model_has_usual_ports(
    told, stock
):
    whole = stock("superpod-h100", scalable_units="1")
    one = replace(whole.switches[0], address="10.0.9.1", model="XX1", credentials="vault:a")
    two = replace(whole.switches[1], credentials=None)
    present, _ = told(
        replace(whole, switches=(one, two), secrets=("vault:a",)), kinds=("switches",)
    )
    assert list(present) == ["switches-1", "switches-2"]
    assert present["switches-2"].document["switches"] == [
        {"hostname": one.hostname, "os": "mlnx-os", "model": "XX1", "address": "10.0.9.1"}
    ]


def test_one_server_is_all_of_aws(told, stock):
    whole = stock("edge-inference")
    two = (CloudSite("a", "us-east-1", None), CloudSite("b", "eu-central-1", "111122223333"))
    present, _ = told(replace(whole, clouds=two), kinds=("aws",))
    assert present["aws"].what == "2 sites in eu-central-1, us-east-1"
    assert present["aws"].document == {"region": "us-east-1", "account": "111122223333"}


def test_clusters_have_their_machines_as_nodes(told, stock, programs_there):
    programs_there("etcd", "kube-apiserver")
    present, absent = told(stock("superpod-h100", scalable_units="1"), kinds=("cluster",))
    assert absent == ()
    part = present["cluster"]
    assert (part.module, part.what) == (
        "aifactory_iac.lab.clusters", "metal (kubernetes, 31 nodes)",
    )  # fmt: skip
    (cluster,) = part.document["clusters"]
    assert (cluster["id"], cluster["kind"]) == ("dc1/metal", "kubernetes")
    assert cluster["nodes"]["dgx-su001-n01"] == {
        "leaf": "dgx-c01-01", "gpus": 8, "cores": 112, "memory": 2_097_152,
    }  # fmt: skip


def test_a_node_of_an_unknown_system_is_left_to_the_emulator(told, stock, programs_there):
    programs_there(*programs.SLURM)
    whole = stock("edge-inference")
    odd = replace(
        whole,
        machines=tuple(replace(each, system="mine", rack="") for each in whole.machines),
        clusters=(Cluster("s", "plant-muc", "slurm", None, ("muc-n0001",)),),
    )
    present, _ = told(odd, kinds=("cluster",))
    assert present["cluster"].document["clusters"] == [
        {"id": "plant-muc/s", "kind": "slurm", "nodes": {"muc-n0001": {"leaf": "leaf"}}}
    ]


def test_a_rack_scale_system_gives_a_node_the_share_of_one_tray(told, stock, programs_there):
    programs_there("etcd", "kube-apiserver")
    whole = stock("edge-inference")
    trays = replace(
        whole, machines=tuple(replace(each, system="gb200-nvl72") for each in whole.machines)
    )
    present, _ = told(trays, kinds=("cluster",))
    assert present["cluster"].document["clusters"][0]["nodes"]["lyo-n0001"]["gpus"] == 4


def test_what_is_not_there_says_why(told, stock, programs_there):
    programs_there("etcd")
    present, absent = told(stock("startup-cloud"))
    assert list(present) == ["aws"]
    assert absent == (
        Absent("bmc", "the target has no machines of one's own"),
        Absent("switches", "the target has no switches of one's own"),
        Absent("cluster", "the target has no cluster on machines of one's own"),
    )
    _, absent = told(stock("superpod-h100", scalable_units="1"), kinds=("aws", "cluster"))
    assert absent[0] == Absent("aws", "the target has no AWS site")
    assert absent[1].part == "cluster"
    assert absent[1].why.startswith("dc1/metal: kube-apiserver is not installed")


def test_only_what_was_wished_for_is_there_or_missed(told, stock):
    present, absent = told(stock("edge-inference"), kinds=("aws",))
    assert (list(present), absent) == (["aws"], ())


@pytest.mark.parametrize(
    ("number", "what", "many", "said"),
    [
        (1, "switch", "switches", "1 switch"),
        (1000, "switch", "switches", "1,000 switches"),
        (0, "node", None, "0 nodes"),
    ],
)
def test_counts_are_said_in_words(number, what, many, said):
    assert count(number, what, many) == said


def test_what_is_not_installed_is_named_by_what_brings_it(monkeypatch):
    assert extra.lacking(("bmc", "aws", "switches", "cluster")) == ()
    monkeypatch.setattr(extra.importlib.util, "find_spec", lambda _: None)
    assert extra.lacking(("bmc", "switches")) == ("sushy-tools",)
    assert extra.lacking(("aws",)) == ("moto", "moto[server]")

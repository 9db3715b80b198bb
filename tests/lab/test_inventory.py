"""What a lab emulates is what the units of the blueprint provision."""

from __future__ import annotations

from aifactory_iac.lab.identity import identity
from aifactory_iac.lab.inventory import CloudSite, Cluster, Inventory, Machine, Switch, inventory
from aifactory_iac.program.unit import Call, ProviderCall, Unit


def test_a_machine_has_its_place_its_addresses_and_its_secret(stock):
    wanted = stock("superpod-h100", scalable_units="1")
    assert len(wanted.machines) == 31
    assert wanted.machines[0] == Machine(
        host="dgx-su001-n01", site="dc1", pool="dgx", group="su001", system="dgx-h100",
        rack="dgx-c01-01", unit=1, bmc="10.0.0.4", address="10.1.0.4", spare=True,
        credentials="file:secrets/bmc.age",
        identity=identity("superpod-h100", "dgx-su001-n01"),
    )  # fmt: skip


def test_switches_have_their_role_model_and_operating_system(stock):
    wanted = stock("superpod-h100", scalable_units="1")
    assert wanted.switches[0] == Switch(
        hostname="compute-leaf-dgx-001-r1", site="dc1", network="compute", role="leaf",
        model="QM9700", os="mlnx-os", address="compute-leaf-dgx-001-r1.dc1.internal",
        credentials="file:secrets/switches.age",
    )  # fmt: skip
    by_system = [each.os for each in wanted.switches]
    assert (by_system.count("mlnx-os"), by_system.count("nvue")) == (16, 5)


def test_clusters_have_the_machines_of_their_members(stock):
    wanted = stock("edge-inference")
    assert wanted.clusters == (
        Cluster("lyo", "plant-lyo", "kubernetes", "1.34", ("lyo-n0001", "lyo-n0002")),
        Cluster("muc", "plant-muc", "kubernetes", "1.34", ("muc-n0001", "muc-n0002")),
    )


def test_aws_sites_are_known_by_their_region(stock):
    assert stock("edge-inference").clouds == (CloudSite("hub", "eu-central-1", None),)
    assert stock("startup-cloud").clouds == (CloudSite("cloud", "us-east-1", None),)


def test_every_secret_of_the_units_is_known_by_its_reference(stock):
    assert stock("edge-inference").secrets == (
        "file:secrets/bmc-lyo.age", "file:secrets/bmc-muc.age",
    )  # fmt: skip


def test_an_account_that_the_blueprint_names_is_taken():
    args = {"region": "us-east-1", "allowed_account_ids": ("111122223333",)}
    unit = Unit("cloud", "network", (ProviderCall("cloud", "aws", args),), (), ())
    twice = Unit("cloud", "storage", (ProviderCall("cloud", "aws", args),), (), ())
    assert inventory("b", (unit, twice)).clouds == (
        CloudSite("cloud", "us-east-1", "111122223333"),
    )


def test_switches_with_addresses_and_a_secret_keep_them():
    call = Call(
        "onprem.site_network:SiteNetwork",
        "net",
        {
            "site": "hall", "network": "in-band", "model": "SN2201", "os": "nvue",
            "tiers": {"leaf": {"switches": ("leaf-1", "leaf-2"), "config": {}}},
            "addresses": {"leaf-1": "10.0.9.1"}, "domain": "hall.example",
            "credentials": {"store": "vault", "path": "hall/switches"},
        },
    )  # fmt: skip
    found = inventory("b", (Unit("hall", "fabric", (), (call,), ()),))
    assert (found.switches[0].address, found.switches[0].credentials) == (
        "10.0.9.1", "vault:hall/switches",
    )  # fmt: skip
    assert found.switches[1].address == "leaf-2.hall.example"
    assert found.secrets == ("vault:hall/switches",)


def test_a_target_of_platforms_only_has_nothing():
    found = inventory("b", (Unit("hall", "platform", (), (), ()),))
    assert found == Inventory("b")
    assert found.empty

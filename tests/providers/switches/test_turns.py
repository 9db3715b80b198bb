"""Who may be changed at the same time, what is remembered of a change, and whom one trusts."""

from __future__ import annotations

import asyncio
import ssl

import pytest

from aifactory_iac.lab.switches.spec import SwitchSpec
from aifactory_iac.providers.secrets import Credentials, SecretReader, standard_stores
from aifactory_iac.providers.surroundings import Settings, Surroundings
from aifactory_iac.providers.switches.errors import SwitchError
from aifactory_iac.providers.switches.journal import Entry, Journal
from aifactory_iac.providers.switches.trust import Reach, reach
from aifactory_iac.providers.switches.turns import Place, Turns


def place(hostname, role="leaf", network="compute", address=None):
    return Place("fra1", network, role, hostname, address or hostname)


@pytest.mark.parametrize(
    ("one", "other", "together"),
    [
        (place("compute-leaf-train-001-r1"), place("compute-leaf-train-001-r2"), False),
        (place("compute-leaf-train-001-r1"), place("compute-leaf-train-002-r1"), True),
        (place("storage-leaf-001"), place("storage-leaf-002"), False),
        (place("storage-leaf-002"), place("storage-leaf-003"), True),
        (place("spine-001", "spine"), place("spine-002", "spine"), False),
        (place("spine-001", "spine"), place("spine-002", "spine", "storage"), True),
        (place("top"), place("bottom"), True),
        (place("a", address="10.0.0.1"), place("b", network="x", address="10.0.0.1"), False),
    ],
)
def test_pairs_rails_and_spines_go_one_after_another(one, other, together):
    async def story():
        turns = Turns()
        there = 0
        most = 0

        async def work(place_):
            nonlocal there, most
            async with turns.of(place_):
                there += 1
                most = max(most, there)
                await asyncio.sleep(0.01)
                there -= 1

        await asyncio.gather(work(one), work(other))
        return most

    assert (asyncio.run(story()) == 2) is together


def test_no_more_switches_of_a_network_than_agreed():
    async def story():
        turns = Turns(in_flight=3)
        there = most = 0

        async def work(number):
            nonlocal there, most
            async with turns.of(place(f"leaf-{number * 2 + 1:03d}")):
                there += 1
                most = max(most, there)
                await asyncio.sleep(0.005)
                there -= 1

        await asyncio.gather(*(work(number) for number in range(10)))
        return most

    assert asyncio.run(story()) == 3


def test_two_changes_of_one_switch_are_one_after_another(plant):
    async def story():
        leaf = SwitchSpec("storage-leaf-001", "nvue", ports=4)
        async with plant(leaf) as site:
            configs = [
                {
                    "interface": {"swp1": {"description": text}},
                    "system": {"hostname": leaf.hostname},
                }
                for text in ("one", "two")
            ]
            await asyncio.gather(
                *(site.create(site.inputs(leaf.hostname, config=config)) for config in configs)
            )
            kinds = [each["what"] for each in site.witness.effects(leaf.hostname)]
            one = ["created", "edited", "apply-asked", "applied", "confirmed", "saved"]
            assert kinds == one * 2

    asyncio.run(story())


def test_what_was_begun_is_on_the_disk_whole_or_not_at_all(tmp_path):
    journal = Journal.of(tmp_path, "10.0.0.1/../x")
    assert journal.path == tmp_path / "switches" / "10.0.0.1_.._x.json"
    assert journal.read() is None
    journal.write(Entry("intent", "7"))
    assert journal.read() == Entry("intent", "7")
    assert [path.name for path in journal.path.parent.iterdir()] == [journal.path.name]
    journal.path.write_text("{")
    assert journal.read() is None
    journal.clear()
    journal.clear()
    assert not journal.path.exists()


def around(tmp_path, **settings):
    return Surroundings(
        settings=Settings(state_dir=tmp_path, **settings),
        secrets=SecretReader(standard_stores()),
    )


REFERENCE = {"store": "env", "path": "SWITCHES"}


def test_a_secret_that_cannot_be_had_is_an_error_of_ours(tmp_path, monkeypatch):
    monkeypatch.delenv("SWITCHES", raising=False)
    with pytest.raises(SwitchError) as caught:
        reach("leaf", 8765, {"trust": "site-ca"}, REFERENCE, around(tmp_path))
    assert str(caught.value) == "secret env:SWITCHES: the environment variable is not set"


def test_a_plant_is_reached_where_it_is(tmp_path, monkeypatch, authority):
    monkeypatch.setenv("SWITCHES", "admin:x")
    found = reach(
        "2001:db8::1",
        8765,
        {"trust": "site-ca"},
        REFERENCE,
        around(tmp_path, site_ca=authority["ca"]),
    )
    assert found.url == "https://[2001:db8::1]:8765"
    assert isinstance(found.tls(), ssl.SSLContext)
    assert found.tls().verify_mode is ssl.CERT_REQUIRED
    assert found.tls().check_hostname is True


def test_an_authority_that_is_not_there_is_said_so(tmp_path):
    secret = Credentials("admin", "x")
    nothing = Reach("leaf", "leaf", 8765, secret)
    with pytest.raises(SwitchError) as caught:
        nothing.tls()
    assert str(caught.value) == (
        "leaf: trusts the site's authority, and the provider's setting `siteCa` names no file"
    )
    missing = Reach("leaf", "leaf", 8765, secret, authority=tmp_path / "ca.pem")
    with pytest.raises(SwitchError) as caught:
        missing.tls()
    assert str(caught.value) == (
        f"leaf: the site's authority {tmp_path}/ca.pem cannot be read (No such file or directory)"
    )
    (tmp_path / "ca.pem").write_text("nothing")
    with pytest.raises(SwitchError, match=r"cannot be read \(no certificate in it\)"):
        missing.tls()
    system = Reach("leaf", "leaf", 8765, secret, trust="system-ca").tls()
    assert isinstance(system, ssl.SSLContext)


def test_nothing_is_trusted_by_being_printed():
    shown = repr(Reach("leaf", "leaf", 8765, Credentials("admin", "s3cret")))
    assert "s3cret" not in shown
    assert "admin" not in shown

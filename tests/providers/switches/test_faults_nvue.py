"""What goes wrong on the way to a switch that speaks NVUE, and that it never does harm."""

from __future__ import annotations

import asyncio

import pytest

from aifactory_iac.lab.switches.faults import Fault
from aifactory_iac.lab.switches.spec import SwitchSpec
from aifactory_iac.providers.resource import PartialError, ProviderError

NAME = "storage-leaf-001"
LEAF = SwitchSpec(NAME, "nvue", serial="MT2345X00001", ports=8)
CONFIG = {
    "interface": {"swp1": {"description": "hosts", "link": {"mtu": 9216}}},
    "system": {"hostname": NAME},
}


def effects(site, what="*"):
    return [each["what"] for each in site.witness.effects(NAME, what)]


WRITES = {
    "a new revision": Fault("drop-answer", method="POST"),
    "its content": Fault("drop-answer", method="PATCH", path="/nvue_v1/[?]rev=*"),
    "the apply": Fault("drop-answer", method="PATCH", path="/nvue_v1/revision/2"),
    "the confirmation": Fault("drop-answer", method="PATCH", path="/nvue_v1/revision/2", after=1),
    "the saving": Fault("drop-answer", method="PATCH", path="/nvue_v1/revision/applied"),
}


@pytest.mark.parametrize("lost", WRITES)
def test_a_write_whose_answer_is_lost_is_looked_for_and_not_done_twice(plant, lost):
    async def story():
        async with plant(LEAF) as site:
            site.fail(WRITES[lost])
            state = await site.create(site.inputs(NAME, config=CONFIG))
            assert state["drift"] == {}
            done = effects(site)
            assert {what: done.count(what) for what in done if what != "saved"} == {
                "created": 1,
                "edited": 1,
                "apply-asked": 1,
                "applied": 1,
                "confirmed": 1,
            }

    asyncio.run(story())


@pytest.mark.parametrize("lost", WRITES)
def test_a_write_that_never_arrived_is_done_once(plant, lost):
    async def story():
        async with plant(LEAF) as site:
            fault = WRITES[lost]
            site.fail(Fault("drop", method=fault.method, path=fault.path, after=fault.after))
            state = await site.create(site.inputs(NAME, config=CONFIG))
            assert state["drift"] == {}
            assert site.applied(NAME) == 1
            assert effects(site).count("created") == 1

    asyncio.run(story())


def test_reads_are_repeated(plant):
    async def story():
        async with plant(LEAF) as site:
            site.fail(Fault("drop", method="GET", times=2), Fault("status", method="GET", times=3))
            await site.create(site.inputs(NAME, config=CONFIG))
            assert site.applied(NAME) == 1

    asyncio.run(story())


def test_the_time_that_a_busy_switch_asks_for_is_given_to_it(plant):
    async def story():
        async with plant(LEAF) as site:
            site.fail(Fault("status", method="POST", status=503, retry_after="17"))
            await site.create(site.inputs(NAME, config=CONFIG))
            assert 17.0 in site.clock.slept
            assert effects(site).count("created") == 1

    asyncio.run(story())


def test_a_switch_that_asks_for_too_much_time_is_left_alone(plant):
    async def story():
        async with plant(LEAF) as site:
            site.fail(Fault("status", method="POST", status=429, retry_after="3600"))
            with pytest.raises(ProviderError) as caught:
                await site.create(site.inputs(NAME, config=CONFIG))
            assert str(caught.value) == (
                f"{NAME} is busy and asks to come back in 3600 s, which is longer than 120 s"
            )
            assert effects(site) == []

    asyncio.run(story())


def test_a_refused_password_is_sent_once(plant, monkeypatch):
    async def story():
        async with plant(LEAF) as site:
            monkeypatch.setenv("SWITCHES", "admin:wrong")
            with pytest.raises(ProviderError) as caught:
                await site.create(site.inputs(NAME, config=CONFIG))
            assert str(caught.value) == (
                f"{NAME} refused user and password; they are not tried again, so that the account "
                "is not locked"
            )
            assert [each["outcome"] for each in site.witness.requests()] == [401]

    asyncio.run(story())


def test_a_certificate_of_somebody_else_gets_no_password(plant):
    async def story():
        async with plant(LEAF, ca="other") as site:
            with pytest.raises(ProviderError) as caught:
                await site.create(site.inputs(NAME, config=CONFIG))
            assert str(caught.value) == (
                f"{NAME} does not show the certificate that `site-ca` asks for "
                "(ClientConnectorCertificateError); nothing was sent"
            )
            assert site.witness.entries == []

    asyncio.run(story())


def test_a_pinned_certificate_must_be_that_one(plant, authority):
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes

    certificate = x509.load_pem_x509_certificate(authority["cert"].read_bytes())
    right = certificate.fingerprint(hashes.SHA256()).hex(":")

    async def story():
        async with plant(LEAF, ca="other") as site:
            tls = {"trust": "pinned", "fingerprint": right}
            await site.create(site.inputs(NAME, config=CONFIG, tls=tls))
            assert site.applied(NAME) == 1
            wrong = {"trust": "pinned", "fingerprint": "00" * 32}
            with pytest.raises(ProviderError) as caught:
                await site.create(site.inputs(NAME, config=CONFIG, tls=wrong))
            assert str(caught.value) == (
                f"{NAME} does not show the certificate that `pinned` asks for "
                "(ServerFingerprintMismatch); nothing was sent"
            )

    asyncio.run(story())


def test_insecure_is_possible_with_a_reason(plant):
    async def story():
        async with plant(LEAF, ca="other") as site:
            tls = {"trust": "insecure", "exception": "first contact, before the site's CA is on it"}
            await site.create(site.inputs(NAME, config=CONFIG, tls=tls))
            assert site.applied(NAME) == 1

    asyncio.run(story())


def test_a_switch_that_loses_its_management_rolls_back_and_we_say_so(plant):
    async def story():
        async with plant(LEAF) as site:
            down = {"eth0": {"link": {"state": {"down": {}}}}}
            inputs = site.inputs(NAME, config={"interface": down, "system": {"hostname": NAME}})
            before = site.fleet.switches[NAME].tree("applied")
            with pytest.raises(ProviderError) as caught:
                await site.create(inputs)
            assert str(caught.value) == (
                f"{NAME} rolled back 2 by itself, because it was not confirmed within 300 s: with "
                "this configuration its management could not be reached, or the run was "
                "interrupted. Revision 1 is in force again"
            )
            assert effects(site) == ["created", "edited", "apply-asked", "applied", "rolled-back"]
            assert site.witness.effects(NAME, "rolled-back")[0]["by"] == "timer"
            assert site.fleet.switches[NAME].tree("applied") == before
            assert site.clock.time > 1_300

    asyncio.run(story())


def test_a_switch_that_never_comes_back_is_kept_as_unsure(plant):
    async def story():
        async with plant(LEAF) as site:
            old = site.inputs(NAME, config=CONFIG)
            state = await site.create(old)
            new = site.inputs(NAME, config={**CONFIG, "qos": {"roce": {"state": "enabled"}}})
            site.fail(
                Fault("isolate", method="PATCH", path="/nvue_v1/revision/3"),
                Fault("drop", after=11, times=None),
            )
            with pytest.raises(PartialError) as caught:
                await site.update(old, state, new)
            kept = dict(caught.value.made.state)
            assert (kept["managed"], kept["stale"], kept["revision"]) == (True, True, "2")
            assert kept["owned"] == new["config"]
            assert caught.value.reasons[0].startswith(
                f"{NAME}: what became of 3 (busy) cannot be seen 390 s after it was applied; "
            )
            site.fail()
            healed = await site.update(new, kept, new)
            assert healed["drift"] == {}
            assert healed["stale"] is False
            assert "owned" not in healed

    asyncio.run(story())


def test_an_invalid_configuration_is_refused_in_the_switchs_own_words(plant):
    async def story():
        async with plant(LEAF) as site:
            config = {**CONFIG, "router": {"bgp": {"enable": "on"}}}
            with pytest.raises(ProviderError) as caught:
                await site.create(site.inputs(NAME, config=config))
            assert str(caught.value) == (
                f"{NAME} refused 2; Config invalid at router.bgp.enable: BGP requires router-id to "
                "be set globally or in the VRF."
            )
            assert effects(site) == ["created", "edited", "apply-asked", "invalid"]

    asyncio.run(story())


def test_a_value_that_the_schema_refuses_stops_before_the_apply(plant):
    async def story():
        async with plant(LEAF) as site:
            config = {
                "interface": {"swp1": {"link": {"mtu": 99_999}}},
                "system": {"hostname": NAME},
            }
            with pytest.raises(ProviderError) as caught:
                await site.create(site.inputs(NAME, config=config))
            assert str(caught.value) == (
                f"{NAME} refused the content of revision 2; 99999 is greater than the maximum of "
                "9216 - 'interface/swp1/link/mtu'"
            )
            assert "apply-asked" not in effects(site)

    asyncio.run(story())


def test_a_switch_that_lies_about_the_apply_is_rolled_back(plant):
    async def story():
        async with plant(LEAF) as site:
            site.fail(Fault("lie", method="PATCH", path="/nvue_v1/revision/2"))
            with pytest.raises(ProviderError) as caught:
                await site.create(site.inputs(NAME, config=CONFIG))
            assert str(caught.value) == (
                f"{NAME} put something else in force than it was told, and was rolled back: it "
                "differs at interface.swp1.description, interface.swp1.link.mtu"
            )
            assert site.witness.effects(NAME, "rolled-back")[0]["by"] == "request"

    asyncio.run(story())


def test_a_switch_that_lies_about_its_content_is_never_told_to_apply(plant):
    async def story():
        async with plant(LEAF) as site:
            site.fail(Fault("lie", method="PATCH", path="/nvue_v1/[?]rev=*"))
            with pytest.raises(ProviderError) as caught:
                await site.create(site.inputs(NAME, config=CONFIG))
            assert str(caught.value) == (
                f"{NAME}: revision 2 is not what was put into it; it is left alone"
            )
            assert effects(site) == ["created"]

    asyncio.run(story())


def test_a_switch_that_lies_about_saving_is_found_out(plant):
    async def story():
        async with plant(LEAF) as site:
            site.fail(Fault("lie", method="PATCH", path="/nvue_v1/revision/applied"))
            with pytest.raises(PartialError) as caught:
                await site.create(site.inputs(NAME, config=CONFIG))
            assert caught.value.reasons == (
                f"{NAME} has the configuration in force, but would not start with it",
            )

    asyncio.run(story())


def test_an_unreachable_switch_keeps_its_state_and_is_stale(plant):
    async def story():
        async with plant(LEAF) as site:
            inputs = site.inputs(NAME, config=CONFIG)
            state = await site.create(inputs)
            site.fleet.switches[NAME].isolated = True
            seen = await site.read(inputs, state)
            assert seen == {**state, "stale": True}
            severity, text = site.logged[-1]
            assert severity == "warning"
            assert text.startswith(f"{NAME} dropped the connection during GET (")
            assert text.endswith("; what was last seen of it is kept")

    asyncio.run(story())


def test_a_lab_stands_in_for_the_whole_plant(plant):
    async def story():
        async with plant(LEAF) as site:
            inputs = {**site.inputs(NAME), "address": "switch.example"}
            with pytest.raises(ProviderError) as caught:
                await site.create(inputs)
            assert str(caught.value) == (
                "switch.example: the lab that stands in for the plant has nothing at this address, "
                "and the plant itself is left alone"
            )

    asyncio.run(story())


def test_no_secret_is_in_state_log_or_error(plant):
    async def story():
        async with plant(LEAF) as site:
            state = await site.create(site.inputs(NAME, config=CONFIG))
            site.fail(Fault("status", status=500, times=None))
            with pytest.raises(ProviderError) as caught:
                await site.create(site.inputs(NAME, config=CONFIG))
            everything = f"{state}{site.logged}{caught.value!r}{site.witness.entries}"
            assert "battery staple" not in everything

    asyncio.run(story())

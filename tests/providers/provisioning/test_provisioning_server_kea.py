"""`ProvisioningServer` with a real Kea behind it, as the engine drives it over gRPC."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from aifactory_iac.providers.install.outside import Failed
from aifactory_iac.providers.provisioning.control_agent import ControlAgent
from aifactory_iac.providers.provisioning.folder import Folder, service_folder
from aifactory_iac.providers.resources.provisioning_server import ProvisioningServerType
from aifactory_iac.providers.surroundings import Lab

TOKEN = "aifactory:metal:ProvisioningServer"
FILES = ["dhcp/dnsmasq.conf", "dhcp/kea-dhcp4.json", "service.json"]
ALL = ["192.0.2.0/24", "10.0.0.0/24", "10.1.0.0/24", "127.0.0.0/8"]


def in_force(place: Folder) -> dict[str, bytes]:
    return {name: (place.current / name).read_bytes() for name in FILES}


def everything(root: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def kea_target(kea, **changes):
    return {"kind": "kea", "url": kea.url} | changes


def subnets_of(kea) -> list[str]:
    return [one["subnet"] for one in asyncio.run(ControlAgent(kea.url).running())["subnet4"]]


def test_kea_takes_its_part_and_gives_it_back(client, small, kea, place):
    inputs = small(target=kea_target(kea))
    id_, state = client.create(TOKEN, inputs)
    assert sorted(subnets_of(kea)) == sorted(ALL)
    assert sorted(state["digests"]) == ["dhcp/dnsmasq.conf", "dhcp/kea-dhcp4.json", "kea", FILES[2]]
    seen, _ = client.read(TOKEN, id_, inputs, state)
    assert client.diff(TOKEN, inputs, seen, inputs).changes == "DIFF_NONE"
    fewer = small(
        target=kea_target(kea), subnets={"in-band": {"cidr": "10.0.0.0/24"}}, reservations={}
    )
    state = client.update(TOKEN, id_, inputs, seen, fewer)
    assert sorted(subnets_of(kea)) == ["10.0.0.0/24", "192.0.2.0/24"]
    client.delete(TOKEN, id_, fewer, state)
    assert subnets_of(kea) == ["192.0.2.0/24"]
    assert not place.current.exists()


def test_what_somebody_changed_in_kea_is_drift_and_is_put_right(client, small, kea):
    inputs = small(target=kea_target(kea))
    id_, state = client.create(TOKEN, inputs)
    agent = ControlAgent(kea.url)

    async def meddle() -> None:
        running = await agent.running()
        subnet = next(one for one in running["subnet4"] if one["subnet"] == "10.0.0.0/24")
        subnet["reservations"].append({"hw-address": "aa:bb:cc:99:99:99", "ip-address": "10.0.0.7"})
        await agent._command("config-set", {"Dhcp4": running})

    asyncio.run(meddle())
    seen, _ = client.read(TOKEN, id_, inputs, state)
    assert client.diff(TOKEN, inputs, seen, inputs).kinds == {"digests.kea": "UPDATE"}
    state = client.update(TOKEN, id_, inputs, seen, inputs)
    assert client.diff(TOKEN, inputs, state, inputs).changes == "DIFF_NONE"
    reserved = [
        one["hw-address"]
        for subnet in asyncio.run(agent.running())["subnet4"]
        for one in subnet["reservations"]
    ]
    assert "aa:bb:cc:99:99:99" not in reserved


def test_what_kea_refuses_leaves_the_files_as_they_were(client, small, kea, place):
    old = small(subnets={"in-band": {"cidr": "10.0.0.0/24"}}, reservations={}, endpoint=None)
    old["target"] = kea_target(kea)
    id_, state = client.create(TOKEN, old)
    before = everything(place.path)
    clash = {"in-band": {"cidr": "10.0.0.0/24"}, "theirs": {"cidr": "192.0.0.0/16"}}
    with pytest.raises(client.refused, match=r"subnets of others that ours overlap: 192\.0\.2\.0"):
        client.update(TOKEN, id_, old, state, old | {"subnets": clash})
    assert everything(place.path) == before
    assert sorted(subnets_of(kea)) == ["10.0.0.0/24", "192.0.2.0/24"]


def test_kea_that_cannot_be_reached_is_neither_gone_nor_changed(client, small, kea, place):
    inputs = small(target=kea_target(kea))
    id_, state = client.create(TOKEN, inputs)
    elsewhere = inputs | {"target": {"kind": "kea", "url": "http://127.0.0.1:1"}}
    seen, _ = client.read(TOKEN, id_, elsewhere, state)
    assert seen == state | {"stale": True}
    assert client.lines[-1][0] == "warning"
    assert client.lines[-1][2].startswith("http://127.0.0.1:1: ClientConnectorError; what was")
    for act in (
        lambda: client.create(TOKEN, elsewhere),
        lambda: client.delete(TOKEN, id_, elsewhere, state),
    ):
        with pytest.raises(client.refused, match="ClientConnectorError"):
            act()
    assert place.current.exists()
    back, _ = client.read(TOKEN, id_, inputs, seen)
    assert "stale" not in back


def test_leaving_kea_for_a_folder_takes_our_part_out_of_it(client, small, kea, place):
    inputs = small(target=kea_target(kea))
    id_, state = client.create(TOKEN, inputs)
    state = client.update(TOKEN, id_, inputs, state, small())
    assert subnets_of(kea) == ["192.0.2.0/24"]
    assert in_force(place)
    assert sorted(state["digests"]) == FILES


def test_leaving_kea_and_its_folder_at_once(client, small, kea, place, tmp_path):
    inputs = small(target=kea_target(kea, path=str(tmp_path / "srv")))
    id_, state = client.create(TOKEN, inputs)
    client.update(TOKEN, id_, inputs, state, small(target={"path": str(tmp_path / "srv2")}))
    assert subnets_of(kea) == ["192.0.2.0/24"]
    assert everything(tmp_path / "srv") == {}


def test_another_folder_beside_the_same_kea_leaves_kea_alone(client, small, kea, tmp_path):
    inputs = small(target=kea_target(kea, path=str(tmp_path / "srv")))
    id_, state = client.create(TOKEN, inputs)
    client.update(
        TOKEN, id_, inputs, state, small(target=kea_target(kea, path=str(tmp_path / "srv2")))
    )
    assert sorted(subnets_of(kea)) == sorted(ALL)


def test_in_a_lab_kea_is_where_the_lab_says(plugin, small, kea, checker):
    lab = Lab(endpoints={"10.0.0.9": kea.url.removeprefix("http://")})
    client = plugin(types=lambda _token: ProvisioningServerType(lambda: [checker]), lab=lab)
    client.create(TOKEN, small(target={"kind": "kea", "url": "http://10.0.0.9:8000"}))
    assert sorted(subnets_of(kea)) == sorted(ALL)


def test_what_cannot_be_put_in_force_elsewhere_leaves_everything_where_it_is(
    client, small, kea, place, tmp_path, checker
):
    inputs = small(target=kea_target(kea))
    id_, state = client.create(TOKEN, inputs)
    before = everything(place.path)
    checker.verdict = Failed(("no",))
    with pytest.raises(client.refused, match="nothing was changed"):
        client.update(TOKEN, id_, inputs, state, small(target={"path": str(tmp_path / "srv")}))
    assert everything(place.path) == before
    assert service_folder(tmp_path / "state", "fra1") == place
    assert sorted(subnets_of(kea)) == sorted(ALL)


def test_kea_that_refuses_to_be_read_is_an_error_and_not_a_drift(client, small, kea):
    inputs = small(target=kea_target(kea))
    id_, state = client.create(TOKEN, inputs)

    async def refusing() -> None:
        server = await asyncio.start_server(refuse, "127.0.0.1", 0)
        async with server:
            port = server.sockets[0].getsockname()[1]
            target = {"kind": "kea", "url": f"http://127.0.0.1:{port}"}
            with pytest.raises(client.refused, match="it answers 500"):
                await asyncio.to_thread(client.read, TOKEN, id_, inputs | {"target": target}, state)

    async def refuse(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()
        writer.close()

    asyncio.run(refusing())


def test_an_old_kea_that_does_not_let_go_is_said_and_the_new_one_stands(client, small, kea, place):
    inputs = small(target=kea_target(kea))
    id_, state = client.create(TOKEN, inputs)
    gone = inputs | {"target": {"kind": "kea", "url": "http://127.0.0.1:1"}}
    with pytest.raises(client.refused, match="ClientConnectorError"):
        client.update(TOKEN, id_, gone, state, small())
    assert in_force(place)


def test_files_that_cannot_take_their_place_put_kea_back(client, small, kea, place, monkeypatch):
    old = small(target=kea_target(kea))
    id_, state = client.create(TOKEN, old)
    running, before = asyncio.run(ControlAgent(kea.url).running()), everything(place.path)

    def full(*_arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("aifactory_iac.providers.provisioning.generation.enforce", full)
    fewer = small(target=kea_target(kea), reservations={})
    with pytest.raises(client.refused, match=r"fra1: .*No space left on device"):
        client.update(TOKEN, id_, old, state, fewer)
    assert asyncio.run(ControlAgent(kea.url).running()) == running
    assert everything(place.path) == before

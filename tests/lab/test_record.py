"""What `lab.json` says, how a lab is found, and what its parts said last."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

import jsonschema
import pytest

from aifactory_iac.lab import record
from aifactory_iac.lab.folder import Folder, taken
from aifactory_iac.lab.orders import Orders, PartOrder
from aifactory_iac.lab.state import called, spelled, state, states
from aifactory_iac.lab.tail import tail
from aifactory_iac.report.schemas import schema


@dataclass
class Part:
    """A part as the supervisor sees it."""

    order: PartOrder
    answer: dict | None = None
    exit: int | None = None
    pid: int = 4711


def part(
    name: str, answer: dict | None = None, ended: int | None = None, at: Path | None = None
) -> Part:
    log = str((at or Path("/lab")) / name / "part.log")
    return Part(PartOrder(name, "bmc", "m", "3 machines", "s", f"/lab/{name}", log), answer, ended)


@pytest.fixture
def orders(place):
    return Orders(
        "digest", (),
        {
            "name": "toys.dev", "target": "toys", "blueprint": "toys", "folder": str(place),
            "started": "2026-01-01T00:00:00+00:00", "pace": 0.01, "ca": "/lab/ca.pem",
            "credentials": {"file:a": "/lab/1.json"}, "absent": [{"part": "aws", "why": "none"}],
            "machines": {"count": 0, "sites": {}, "pools": {}, "models": {}, "hosts": {}},
        },
        60,
    )  # fmt: skip


def test_answers_of_all_parts_come_together(orders, place):
    document = record.made(orders, [
        part("bmc", {"version": "x 1", "endpoints": {"10.0.0.4": "https://127.0.0.1:1"}}),
        part("switches", {"endpoints": {"leaf": "127.0.0.1:2"}, "known_hosts": "/lab/k"}),
        part("aws", {"aws": {"endpoint": "http://127.0.0.1:3", "region": "us-east-1",
                             "account": "123456789012"}}),
        part("cluster", {"kubeconfigs": {"s/c": "/lab/kc"}, "credentials": {"cluster:s/c": "/kc"},
                         "absent": ["kwok is not installed"]}),
        part("gone", None, -9),
    ])  # fmt: skip
    jsonschema.Draft202012Validator(schema("lab")).validate(document)
    assert document["endpoints"] == {"10.0.0.4": "https://127.0.0.1:1", "leaf": "127.0.0.1:2"}
    assert document["credentials"] == {"file:a": "/lab/1.json", "cluster:s/c": "/kc"}
    assert document["kubeconfigs"] == {"s/c": "/lab/kc"}
    assert document["known_hosts"] == str(place / "known_hosts")
    assert document["absent"] == [
        {"part": "aws", "why": "none"}, {"part": "cluster", "why": "kwok is not installed"},
    ]  # fmt: skip
    assert [(each["state"], each.get("ending")) for each in document["parts"]][-2:] == [
        ("running", None), ("ended", "was ended by SIGKILL"),
    ]  # fmt: skip


def test_the_provider_reads_what_the_lab_writes(orders, place, tmp_path):
    from aifactory_iac.providers.surroundings import Lab

    answer = {"endpoints": {"10.0.0.4": "https://127.0.0.1:1"}, "known_hosts": "/lab/k"}
    file = tmp_path / "lab.json"
    file.write_text(json.dumps(record.made(orders, [part("bmc", answer)])))
    assert Lab.read(file) == Lab(
        endpoints={"10.0.0.4": "https://127.0.0.1:1"},
        credentials={"file:a": "/lab/1.json"},
        ca="/lab/ca.pem",
        known_hosts=str(place / "known_hosts"),
    )


def test_the_provider_reads_the_credentials_that_the_lab_makes(place):
    from aifactory_iac.lab.inventory import Inventory
    from aifactory_iac.lab.making import _credentials
    from aifactory_iac.providers.secrets import SecretReader

    place.mkdir()
    files = _credentials(Folder(place), Inventory("b", secrets=("vault:a/b", "file:c")), ())
    reader = SecretReader({}, files)
    found = [
        reader.credentials(dict(zip(("store", "path"), reference.split(":"), strict=True)))
        for reference in files
    ]
    assert {each.username for each in found} == {"aifactory"}
    assert len({each.password for each in found}) == 2
    assert all(len(each.password) == 16 for each in found)
    assert all(Path(file).stat().st_mode & 0o077 == 0 for file in files.values())


def test_host_keys_of_all_parts_are_one_file(tmp_path):
    for name in "ab":
        (tmp_path / name).write_text(f"[127.0.0.1]:{name} key\n")
    children = [part(name, {"known_hosts": str(tmp_path / name)}) for name in "ab"]
    assert record.known_hosts_text([*children, part("c"), part("d", {})]) == (
        "[127.0.0.1]:a key\n[127.0.0.1]:b key\n"
    )


def test_a_shell_is_pointed_at_everything_that_there_is(place):
    document = {
        "pace": 0.0,
        "aws": {"endpoint": "http://127.0.0.1:3", "region": "us-east-1", "account": "111122223333"},
        "kubeconfigs": {"a": "/k a", "b": "/kb"},
    }
    folder = Folder(place)
    assert record.environment_text({"pace": 0.01}, folder) == (
        f"export AIFACTORY_LAB={place}/lab.json\nexport AIFACTORY_PACE=0.01\n"
    )
    assert record.environment_text(document, folder) == (
        f"export AIFACTORY_LAB={place}/lab.json\n"
        "export AIFACTORY_PACE=0.001\n"
        "export AWS_ENDPOINT_URL=http://127.0.0.1:3\n"
        "export AWS_REGION=us-east-1\n"
        "export AWS_ACCOUNT_ID=111122223333\n"
        "export AWS_EC2_METADATA_DISABLED=true\n"
        "export AWS_ACCESS_KEY_ID=lab\n"
        "export AWS_SECRET_ACCESS_KEY=lab\n"
        "export KUBECONFIG='/k a:/kb'\n"
    )


@pytest.mark.parametrize(
    ("status", "words"),
    [(0, "ended with status 0"), (3, "ended with status 3"), (-15, "was ended by SIGTERM"),
     (-200, "was ended by signal 200")],
)  # fmt: skip
def test_an_ending_is_said_in_words(status, words):
    assert record.ending(status) == words


@pytest.mark.parametrize("text", ["", "{", "[]"])
def test_a_record_that_is_none_is_not_there(place, text):
    place.mkdir()
    (place / "lab.json").write_text(text)
    assert record.read(Folder(place)) is None
    assert record.read(Folder(place / "nowhere")) is None


@pytest.mark.parametrize("text", ["{", "[]", '{"parts": [{"a": 1}]}', '{"parts": []}', "{}"])
def test_orders_that_are_none_are_refused(place, text):
    place.mkdir()
    (place / "orders.json").write_text(text)
    with pytest.raises(ValueError):
        Orders.read(place / "orders.json")


def test_orders_read_back(orders, place):
    place.mkdir()
    given = Orders("d", (part("bmc").order,), {"name": "x"}, 3.0, 5.0, {"A": "b"})
    (place / "orders.json").write_text(given.text())
    assert Orders.read(place / "orders.json") == given


def test_a_tail_is_the_last_lines_with_something_in_them(tmp_path):
    log = tmp_path / "log"
    log.write_bytes(
        b"\n".join(f"line {n} \xff".encode("latin-1") for n in range(5000)) + b"\n\n \n"
    )
    assert tail(log, 2) == ("line 4998 \ufffd", "line 4999 \ufffd")
    assert len(tail(log)) == 10
    assert tail(tmp_path / "none") == ()
    (tmp_path / "empty").write_text("")
    assert tail(tmp_path / "empty") == ()


@pytest.fixture
def kept(orders, tmp_path):
    """Folders of labs: alive or not, with the record of some parts; gives their states."""
    locks = []

    def keeping(name: str, *parts: Part, alive: bool = True, recorded: bool = True) -> Folder:
        folder, lock = taken(tmp_path / "labs" / name)
        if recorded:
            document = {**record.made(orders, parts), "name": name, "target": "toys"}
            folder.record.write_text(json.dumps(document))
        locks.append(lock)
        if not alive:
            os.close(locks.pop())
        return folder

    yield keeping
    for lock in locks:
        os.close(lock)


def test_a_lab_is_as_its_lock_and_its_parts_are(kept, tmp_path):
    log = tmp_path / "labs" / "b.dev" / "bmc" / "part.log"
    conditions = {
        "a.dev": kept("a.dev", part("bmc")),
        "b.dev": kept("b.dev", part("bmc", None, 3, tmp_path / "labs" / "b.dev"), part("aws")),
        "c.dev": kept("c.dev", recorded=False),
        "d.dev": kept("d.dev", part("bmc"), alive=False),
    }
    log.parent.mkdir()
    log.write_text("one\ntwo\n")
    found = {each.name: each for each in states(tmp_path / "labs")}
    assert list(found) == list(conditions)
    assert [each.condition for each in found.values()] == [
        "running", "failing", "starting", "dead",
    ]  # fmt: skip
    assert found["b.dev"].logs == {"bmc": ("one", "two")}
    assert found["a.dev"].logs == {}
    assert state(Folder(tmp_path / "nowhere")).condition == "dead"


def test_a_lab_is_called_by_its_name_or_by_its_target(kept, tmp_path, monkeypatch):
    kept("a.dev", part("bmc"))
    kept("b.dev", part("bmc"))
    kept("c.dev", recorded=False)
    every = tuple(states(tmp_path / "labs"))
    assert [each.name for each in called(every, "toys")] == ["a.dev", "b.dev"]
    assert [each.name for each in called(every, "b.dev")] == ["b.dev"]
    assert [each.name for each in called(every, "c.dev")] == ["c.dev"]
    assert called(every, "other") == ()


def test_a_target_that_is_a_path_means_the_same_everywhere(tmp_path, monkeypatch):
    (tmp_path / "factory").mkdir()
    monkeypatch.chdir(tmp_path)
    assert spelled("factory") == str(tmp_path / "factory")
    assert spelled("./factory") == str(tmp_path / "factory")
    assert spelled("superpod-h100") == "superpod-h100"

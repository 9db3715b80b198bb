"""A plug-in that is killed in the middle of a group: the next one goes on where it was."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import grpc
import pytest
from google.protobuf import json_format, struct_pb2
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from aifactory_iac.lab.redfish.witness import Witness

GROUP = "aifactory:metal:NodeGroup"
BIOS = {"ProcTurboMode": "Disabled"}


def struct(values):
    return json_format.ParseDict(values, struct_pb2.Struct())


@pytest.fixture
def process(tmp_path: Path):
    """The plug-in as the engine starts it."""
    started = []

    def start(place):
        lab = tmp_path / "lab.json"
        lab.write_text(
            json.dumps(
                {
                    "endpoints": dict(place.lab.endpoints),
                    "credentials": dict(place.lab.credentials),
                    "ca": place.lab.ca,
                }
            )
        )
        child = subprocess.Popen(
            [sys.executable, "-m", "aifactory_iac.providers.plugin"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        started.append(child)
        channel = grpc.insecure_channel(f"127.0.0.1:{child.stdout.readline().strip()}")
        stub = provider_pb2_grpc.ResourceProviderStub(channel)
        settings = {
            "stateDir": str(tmp_path / "state"),
            "lab": str(lab),
            "pace": "0.02",
            "parallel": "4",
        }
        stub.Configure(provider_pb2.ConfigureRequest(args=struct(settings), acceptSecrets=True))
        return child, stub

    yield start
    for child in started:
        child.kill()
        child.wait()


def create(stub, inputs):
    request = provider_pb2.CreateRequest(
        urn=f"urn:pulumi:t::t::{GROUP}::g", name="g", type=GROUP, properties=struct(inputs)
    )
    try:
        stub.Create(request)
    except grpc.RpcError:
        return  # it was killed


@pytest.mark.slow  # a plug-in is started, killed and followed by another one
@pytest.mark.parametrize("after", [1, 5, 9])
def test_nobody_is_reset_twice_whenever_it_is_killed(plant, group_of, plugin, process, after):
    place = plant(12, pace=0.005)
    child, stub = process(place)
    inputs = group_of(place, bios=BIOS, power="On")
    run = threading.Thread(target=create, args=(stub, inputs))
    run.start()
    deadline = time.monotonic() + 60
    while len(place.resets()) < after and time.monotonic() < deadline:
        time.sleep(0.005)
    os.kill(child.pid, 9)
    run.join(30)
    before = len(place.resets())
    assert after <= before < 12
    # Pulumi's state knows nothing of that run; the records on disk do.
    ours = plugin(lab=place.lab, pace=0.02, parallel=4)
    checked, failures = ours.check(GROUP, inputs)
    assert failures == []
    state = ours.create(GROUP, checked)[1]
    assert state["ready"] == 12
    assert sorted(place.resets()) == sorted(inputs["machines"])
    # The sessions that the killed one left open were ended too.
    assert Witness.of(place.fleet.journal.records).complaints() == []

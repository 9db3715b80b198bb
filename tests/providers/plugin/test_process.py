"""The real process, as an engine starts it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import grpc
import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

COMMAND = Path(sys.executable).with_name("pulumi-resource-aifactory")
WAYS = {
    "the command": [str(COMMAND)],
    "the module": [sys.executable, "-m", "aifactory_iac.providers.plugin"],
}


STARTING = """
import subprocess, sys, time
child = subprocess.Popen(sys.argv[1:], stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)
print(child.pid, child.stdout.readline().decode().strip(), flush=True)
time.sleep(60)
"""


@contextmanager
def started(*arguments, command=WAYS["the command"]):
    process = subprocess.Popen(
        [*command, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def stub(port):
    return provider_pb2_grpc.ResourceProviderStub(grpc.insecure_channel(f"127.0.0.1:{port}"))


@pytest.mark.parametrize("way", WAYS)
def test_its_first_and_only_line_is_the_port_it_serves_on(way):
    with started(command=WAYS[way]) as process:
        port = int(process.stdout.readline())
        answer = stub(port).Handshake(provider_pb2.ProviderHandshakeRequest(), timeout=10)
        assert answer.accept_secrets
        process.terminate()
        out, err = process.communicate(timeout=10)
        assert (out, err, process.returncode) == ("", "", 0)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_cleanly(how):
    with started() as process:
        process.stdout.readline()
        process.send_signal(how)
        assert process.wait(10) == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ["127.0.0.1:1"],
        ["--logtostderr", "-v=9", "127.0.0.1:1"],
        ["--logtostderr", "-v", "3", "--tracing", "file:./trace", "127.0.0.1:1"],
        ["--tracing=http://127.0.0.1:9411", "--of-a-later-engine", "127.0.0.1:1"],
    ],
)
def test_whatever_engines_pass_is_taken(arguments):
    with started(*arguments) as process:
        assert int(process.stdout.readline()) > 0


def test_cancel_is_answered_and_it_goes_on_until_the_engine_is_done():
    with started() as process:
        port = int(process.stdout.readline())
        stub(port).Cancel(empty_pb2.Empty(), timeout=10)
        assert stub(port).GetPluginInfo(empty_pb2.Empty(), timeout=10).version
        process.terminate()
        assert process.wait(10) == 0


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="only Linux says who listens where")
def test_it_listens_on_loopback_alone():
    with started() as process:
        port = f"{int(process.stdout.readline()):04X}"
        tables = [Path("/proc/net/tcp"), Path("/proc/net/tcp6")]
        rows = [row.split() for each in tables if each.exists() for row in each.open()]
        hosts = {
            local.partition(":")[0]
            for _, local, _, state, *_ in rows
            if state == "0A" and local.endswith(f":{port}")
        }
        assert hosts
        assert hosts <= {"0100007F", "0000000000000000FFFF00000100007F"}


def test_it_ends_when_whoever_started_it_is_gone(tmp_path):
    """Takes up to two seconds: there is no event for this, only a look each second."""
    parent = subprocess.Popen(
        [sys.executable, "-c", STARTING, str(COMMAND)], stdout=subprocess.PIPE, text=True
    )
    child = int(parent.stdout.readline().split()[0])
    parent.kill()
    parent.communicate()
    for _ in range(100):
        if not _runs(child):
            return
        time.sleep(0.1)
    os.kill(child, signal.SIGKILL)
    pytest.fail("the plug-in outlived its parent")


def _runs(pid):
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def test_what_is_printed_by_mistake_does_not_reach_the_engine():
    code = (
        "from aifactory_iac.providers.plugin import main, serving\n"
        "async def serve(announce, engine):\n"
        "    import os\n"
        "    print('oops'); os.system('echo child')\n"
        "    announce(7)\n"
        "serving.serve = serve\n"
        "main.main([])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30)
    assert done.stdout == "7\n"
    assert sorted(done.stderr.split()) == ["child", "oops"]


def test_it_is_ready_within_600_ms_of_cpu_and_without_the_rooms():
    """CPU and not wall time: other tests run beside this one."""
    code = (
        "import resource, sys\n"
        "from aifactory_iac.providers.plugin import main, serving\n"
        "async def serve(announce, engine):\n"
        "    async with serving.listening(serving.Provider()) as port:\n"
        "        announce(port)\n"
        "        used = resource.getrusage(resource.RUSAGE_SELF)\n"
        "        rooms = [name for name in sys.modules if name.startswith(\n"
        "            ('aiohttp', 'asyncssh', 'kubernetes', 'boto3', 'jinja2', 'pydantic',\n"
        "             'aifactory_iac.providers.resources.'))]\n"
        "        sys.stderr.write(f'{used.ru_utime + used.ru_stime} {rooms}')\n"
        "serving.serve = serve\n"
        "main.main([])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30)
    used, rooms = done.stderr.split(maxsplit=1)
    assert rooms == "[]"
    assert float(used) < 0.6

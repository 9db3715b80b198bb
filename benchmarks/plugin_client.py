"""The plug-in as a process of its own, asked over gRPC as the engine asks it, and measured."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import grpc
from google.protobuf import json_format, struct_pb2
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

LARGE = 16 * 2**20
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Cost:
    """Seconds on the clock and on the CPU, of one call."""

    wall: float
    cpu: float


class PluginProcess:
    """One plug-in process with settings of its own."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._settings = settings

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "aifactory_iac.providers.plugin"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        port = self._process.stdout.readline().strip()
        options = [
            ("grpc.max_receive_message_length", -1),
            ("grpc.max_send_message_length", -1),
            ("grpc.max_metadata_size", LARGE),
            ("grpc.absolute_max_metadata_size", LARGE),
        ]
        self._channel = grpc.insecure_channel(f"127.0.0.1:{port}", options)
        self._stub = provider_pb2_grpc.ResourceProviderStub(self._channel)
        self._stub.Configure(
            provider_pb2.ConfigureRequest(args=struct(self._settings), acceptSecrets=True)
        )
        return self

    def __exit__(self, *_: object) -> None:
        self._channel.close()
        self._process.terminate()
        self._process.wait(30)

    @property
    def cpu(self) -> float:
        """CPU seconds so far."""
        return cpu_of(self._process.pid)

    @property
    def most_mib(self) -> float:
        """Peak resident memory."""
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        return int(status.partition("VmHWM:")[2].split()[0]) / 1024

    def ask(self, method: str, request: Any) -> tuple[Any, Cost]:
        """One call, and what it cost. Ends the benchmark when the plug-in refuses."""
        wall, cpu = time.perf_counter(), self.cpu
        try:
            answer = getattr(self._stub, method)(request)
        except grpc.RpcError as error:
            raise SystemExit(f"{method}: {error.details()[:600]}") from None
        return answer, Cost(time.perf_counter() - wall, self.cpu - cpu)


def cpu_of(pid: int) -> float:
    """CPU seconds of a process so far, user and system."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def struct(values: Mapping[str, Any]) -> struct_pb2.Struct:
    """Plain values as a message."""
    return json_format.ParseDict(dict(values), struct_pb2.Struct())

"""sushy-tools' application, called in-process: the layer below ours.

Importing this module imports sushy-tools and Flask; nothing does so before a fleet starts.
"""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Mapping
from functools import cache
from typing import Any
from uuid import uuid4

from sushy_tools.emulator import main

from aifactory_iac.lab.redfish.model import SystemModel
from aifactory_iac.lab.redfish.plant.refusal import RefusalError
from aifactory_iac.lab.redfish.plant.state import Machine
from aifactory_iac.lab.redfish.sushy import driver


@cache
def _application() -> Any:
    """Configured once: its drivers are made on first use and kept for the life of the process."""
    main.fakedriver.FakeDriver = driver.LabDriver
    main.inddriver.StaticDriver = driver.Indicators
    main.app.configure(
        extra_config={
            "SUSHY_EMULATOR_FAKE_DRIVER": True,
            "SUSHY_EMULATOR_STORAGE": driver.Storage(),
            "SUSHY_EMULATOR_DRIVES": driver.Drives(),
        }
    )
    main.app.logger.setLevel(logging.CRITICAL)
    return main.app


class Below:
    """What sushy-tools answers for the systems of one fleet."""

    def __init__(self) -> None:
        self._identities: dict[tuple[str, str], str] = {}

    def enter(self, machine: Machine, system: SystemModel) -> None:
        """Makes a system known."""
        identity = str(uuid4())
        self._identities[machine.spec.name, system.id] = identity
        driver.DIRECTORY.systems[identity] = (machine, system)

    def leave(self) -> None:
        """Forgets all of them."""
        for identity in self._identities.values():
            driver.DIRECTORY.systems.pop(identity, None)
        self._identities.clear()

    def get(self, machine: Machine, system: str, rest: str = "") -> dict[str, Any]:
        """The resource below `/redfish/v1/Systems/{system}`. Raises `RefusalError`."""
        text = self._call(machine, system, "GET", rest, None)
        document: dict[str, Any] = json.loads(text)
        return document

    def send(
        self, machine: Machine, system: str, method: str, rest: str, body: Mapping[str, Any]
    ) -> None:
        """Has something done. Raises `RefusalError`."""
        self._call(machine, system, method, rest, body)

    def _call(
        self,
        machine: Machine,
        system: str,
        method: str,
        rest: str,
        body: Mapping[str, Any] | None,
    ) -> str:
        identity = self._identities[machine.spec.name, system]
        content = b"" if body is None else json.dumps(body).encode()
        status, text = _wsgi(method, f"/redfish/v1/Systems/{identity}{rest}", content)
        if status >= 400:
            raise _refusal(status, text)
        return text.replace(identity, system)


def _wsgi(method: str, path: str, content: bytes) -> tuple[int, str]:
    answer: list[int] = []
    environ = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(content)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(content),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    parts = _application().wsgi_app(
        environ, lambda status, _headers, *_: answer.append(int(status.split()[0]))
    )
    try:
        text = b"".join(parts).decode()
    finally:
        close = getattr(parts, "close", None)
        if close is not None:
            close()
    return answer[0], text


def _refusal(status: int, text: str) -> RefusalError:
    """sushy-tools answers in JSON for its own errors, and in plain text for some of the others."""
    try:
        message = str(json.loads(text)["error"]["message"])
    except (ValueError, KeyError, TypeError):
        message = text
    kinds = {404: "ResourceNotFound", 405: "OperationNotAllowed", 400: "PropertyValueError"}
    return RefusalError(status, kinds.get(status, "GeneralError"), message)

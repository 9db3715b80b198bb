"""A request off the wire, and what of it may be logged."""

from __future__ import annotations

import json
from email.message import Message
from email.parser import BytesParser
from typing import Any

from aiohttp import web

from aifactory_iac.lab.redfish.journal import without_secrets
from aifactory_iac.lab.redfish.service.exchange import Request, Upload


async def read_request(given: web.BaseRequest) -> Request:
    """The request with its whole body. A path is the same with and without a slash at its end."""
    body = await given.read()
    path = given.path.rstrip("/") or "/"
    headers = {name.lower(): value for name, value in given.headers.items()}
    parts: list[Upload] = []
    if headers.get("content-type", "").startswith("multipart/"):
        parts = _parts(headers["content-type"], body)
        body = b""
    return Request(given.method, path, headers, body, parts)


def _parts(content_type: str, body: bytes) -> list[Upload]:
    head = f"Content-Type: {content_type}\r\n\r\n".encode()
    found = []
    for part in BytesParser().parsebytes(head + body).walk():
        if not isinstance(part, Message) or part.is_multipart():
            continue
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        held = content if isinstance(content, bytes) else b""
        found.append(Upload(str(name), held, part.get_filename()))
    return found


def logged(request: Request) -> Any:
    """The body that the client sent, as it may be logged: no secrets, an upload by its size."""
    if request.parts:
        return {part.name: {"bytes": len(part.content)} for part in request.parts}
    body = request.body if request.asked is None else request.asked
    if not body:
        return None
    try:
        return without_secrets(json.loads(body))
    except ValueError:
        return {"bytes": len(body)}

"""A request as a controller sees it, and its answer."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from aifactory_iac.lab.redfish.plant.refusal import RefusalError


@dataclass(frozen=True, slots=True)
class Upload:
    """One part of a multipart body."""

    name: str
    content: bytes = field(repr=False)
    filename: str | None = None


@dataclass(slots=True)
class Request:
    """A request. Header names are in lower case; the path has no slash at its end."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes = field(default=b"", repr=False)
    parts: Sequence[Upload] = ()
    asked: bytes | None = field(default=None, repr=False)
    """The body as the client sent it, where a fault has altered it."""
    username: str = ""
    """Who it is, once that is known."""

    def document(self) -> dict[str, Any]:
        """The JSON object in the body. Raises `RefusalError`."""
        try:
            document = json.loads(self.body) if self.body else {}
        except ValueError:
            document = None
        if not isinstance(document, dict):
            raise RefusalError(
                400,
                "MalformedJSON",
                "The request body submitted was malformed JSON and could not be parsed by the "
                "receiving service.",
                resolution="Ensure that the request body is valid JSON and resubmit the request.",
            )
        return document


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer. `volatile` properties are shown, but do not count for the ETag."""

    status: int = 200
    body: Mapping[str, Any] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    volatile: Mapping[str, Any] = field(default_factory=dict)


DONE = Answer(204)


def refused(refusal: RefusalError) -> Answer:
    """A refusal as Redfish renders it."""
    return Answer(
        refusal.status,
        {
            "error": {
                "code": f"{refusal.registry}.{refusal.message}",
                "message": refusal.text,
                "@Message.ExtendedInfo": [_message(each) for each in (refusal, *refusal.others)],
            }
        },
        refusal.headers,
    )


def _message(refusal: RefusalError) -> dict[str, Any]:
    message: dict[str, Any] = {
        "@odata.type": "#Message.v1_1_2.Message",
        "MessageId": f"{refusal.registry}.{refusal.message}",
        "Message": refusal.text,
        "MessageArgs": list(refusal.arguments),
        "Severity": "Critical" if refusal.status >= 500 else "Warning",
        "Resolution": refusal.resolution,
    }
    if refusal.about:
        message["RelatedProperties"] = list(refusal.about)
    return message


def link(path: str) -> dict[str, str]:
    """A reference to another resource."""
    return {"@odata.id": path}


def resource(path: str, kind: str, name: str, **properties: Any) -> Answer:
    """A resource; `kind` is a versioned type such as `Manager.v1_19_0`."""
    family = kind.partition(".")[0]
    return Answer(
        body={
            "@odata.id": path,
            "@odata.type": f"#{kind}.{family}",
            "Id": path.rpartition("/")[2],
            "Name": name,
            **properties,
        }
    )


def collection(path: str, kind: str, name: str, members: Sequence[str]) -> Answer:
    """A collection; members are ids below it."""
    return Answer(
        body={
            "@odata.id": path,
            "@odata.type": f"#{kind}Collection.{kind}Collection",
            "Name": name,
            "Members": [link(f"{path}/{member}") for member in members],
            "Members@odata.count": len(members),
        }
    )

"""Redfish's extended error information (DSP0266, section 8.6), as far as people and rules need."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from aifactory_iac.providers.redfish.outcome import Message


def extended_info(body: Mapping[str, Any]) -> tuple[Message, ...]:
    """All messages of an answer; some vendors put them beside `error` instead of into it."""
    error = body.get("error")
    places = [error, body] if isinstance(error, Mapping) else [body]
    found: list[Message] = []
    for place in places:
        entries = place.get("@Message.ExtendedInfo", ())
        for entry in entries if isinstance(entries, list) else ():
            if isinstance(entry, Mapping):
                # Some BMCs spell the key `MessageID`.
                name = str(entry.get("MessageId") or entry.get("MessageID") or "")
                arguments = tuple(str(each) for each in entry.get("MessageArgs") or ())
                text = str(entry.get("Message", ""))
                found.append(Message(name.rpartition(".")[2], text, arguments))
    if not found and isinstance(error, Mapping) and error.get("message"):
        name = str(error.get("code", "")).rpartition(".")[2]
        found.append(Message(name, str(error["message"])))
    return tuple(found)


def first_reason(messages: Sequence[Message]) -> str:
    """The BMC's own words, of the first message that has any."""
    return next((each.text.rstrip(".") for each in messages if each.text), "")

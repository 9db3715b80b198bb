"""A controller says no: raised where the reason is known, rendered where HTTP is spoken."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


class RefusalError(Exception):
    """An answer with a Redfish message in it; nothing was done.

    `message` is a message id of the Base registry such as `PropertyValueNotInList`; `about` names
    the properties that it is about, as JSON pointers.
    """

    def __init__(
        self,
        status: int,
        message: str,
        text: str,
        *,
        arguments: Sequence[Any] = (),
        about: Sequence[str] = (),
        resolution: str = "None",
        headers: Mapping[str, str] | None = None,
        registry: str = "Base.1.16",
    ) -> None:
        super().__init__(text)
        self.status = status
        self.message = message
        self.text = text
        self.arguments = tuple(str(argument) for argument in arguments)
        self.about = tuple(about)
        self.resolution = resolution
        self.headers = dict(headers or {})
        self.registry = registry
        self.others: tuple[RefusalError, ...] = ()
        """Further reasons of the same answer."""


def together(refusals: Sequence[RefusalError]) -> RefusalError:
    """One answer with all reasons in it; the first names the status."""
    first, *others = refusals
    first.others = tuple(others)
    return first


def not_found(kind: str, name: str) -> RefusalError:
    """There is no such resource."""
    return RefusalError(
        404,
        "ResourceNotFound",
        f"The requested resource of type {kind} named '{name}' was not found.",
        arguments=(kind, name),
        resolution="Provide a valid resource identifier and resubmit the request.",
    )


def not_in_list(value: Any, name: str) -> RefusalError:
    """A value that is none of the allowed ones."""
    return RefusalError(
        400,
        "PropertyValueNotInList",
        f"The value '{value}' for the property {name} is not in the list of acceptable values.",
        arguments=(value, name),
        about=(f"#/{name}",),
        resolution="Choose a value from the enumeration list and resubmit the request.",
    )


def missing(name: str) -> RefusalError:
    """A property that the request has to have."""
    return RefusalError(
        400,
        "PropertyMissing",
        f"The property {name} is a required property and must be included in the request.",
        arguments=(name,),
        about=(f"#/{name}",),
        resolution="Ensure that the property is in the request body and has a valid value.",
    )


def unknown_property(name: str) -> RefusalError:
    """A property that the resource does not have."""
    return RefusalError(
        400,
        "PropertyUnknown",
        f"The property {name} is not in the list of valid properties for the resource.",
        arguments=(name,),
        about=(f"#/{name}",),
        resolution="Remove the unknown property from the request body and resubmit the request.",
    )


def wrong_type(value: Any, name: str) -> RefusalError:
    """A value of another type than the property's."""
    return RefusalError(
        400,
        "PropertyValueTypeError",
        f"The value '{value}' for the property {name} is of a different type than the property "
        "can accept.",
        arguments=(value, name),
        about=(f"#/{name}",),
        resolution="Correct the value for the property and resubmit the request.",
    )


def read_only(name: str) -> RefusalError:
    """A property that cannot be written."""
    return RefusalError(
        400,
        "PropertyNotWritable",
        f"The property {name} is a read-only property and cannot be assigned a value.",
        arguments=(name,),
        about=(f"#/{name}",),
        resolution="Remove the property from the request body and resubmit the request.",
    )


def out_of_range(value: Any, name: str) -> RefusalError:
    """A number beyond its bounds."""
    return RefusalError(
        400,
        "PropertyValueOutOfRange",
        f"The value '{value}' for the property {name} is not in the supported range of acceptable "
        "values.",
        arguments=(value, name),
        about=(f"#/{name}",),
        resolution="Correct the value for the property and resubmit the request.",
    )


def malformed(value: Any, name: str) -> RefusalError:
    """Text of another format than the property's."""
    return RefusalError(
        400,
        "PropertyValueFormatError",
        f"The value '{value}' for the property {name} is not a format that the property can "
        "accept.",
        arguments=(value, name),
        about=(f"#/{name}",),
        resolution="Correct the value for the property and resubmit the request.",
    )


def busy(seconds: int) -> RefusalError:
    """Not now; `seconds` goes into Retry-After."""
    return RefusalError(
        503,
        "ServiceTemporarilyUnavailable",
        f"The service is temporarily unavailable.  Retry in {seconds} seconds.",
        arguments=(seconds,),
        resolution="Wait for the indicated retry duration and retry the operation.",
        headers={"Retry-After": str(seconds)},
    )

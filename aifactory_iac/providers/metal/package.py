"""Name and version of the package, and what all of its resources share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

import pulumi

PACKAGE = "aifactory"
"""The engine looks for a plug-in named `pulumi-resource-aifactory`."""

VERSION = "0.1.0"
"""Version of the plug-in that understands these shapes; the same as in `schema.json`."""


_Value = TypeVar("_Value")
Secret = Annotated[_Value, "secret"]
"""A value that the state keeps encrypted and that no output shows."""


def token(kind: str) -> str:
    """Type token of a resource of the `metal` module."""
    return f"{PACKAGE}:metal:{kind}"


def pinned(opts: pulumi.ResourceOptions | None) -> pulumi.ResourceOptions:
    """The options with the plug-in version filled in, unless the caller chose one."""
    return pulumi.ResourceOptions.merge(pulumi.ResourceOptions(version=VERSION), opts)


def given(inputs: Mapping[str, Any], *outputs: str) -> dict[str, Any]:
    """Inputs that were given, and the outputs to be had.

    Every property that a resource is registered with costs a task in the SDK, also one without a
    value; a large fabric has thousands of switches.
    """
    return {
        **{name: value for name, value in inputs.items() if value is not None},
        **dict.fromkeys(outputs),
    }

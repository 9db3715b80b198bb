"""Name and version of the package, and what all of its resources share."""

from __future__ import annotations

import pulumi

PACKAGE = "aifactory"
"""The engine looks for a plug-in named `pulumi-resource-aifactory`."""

VERSION = "0.1.0"
"""Version of the plug-in that understands these shapes; the same as in `schema.json`."""


def token(kind: str) -> str:
    """Type token of a resource of the `metal` module."""
    return f"{PACKAGE}:metal:{kind}"


def pinned(opts: pulumi.ResourceOptions | None) -> pulumi.ResourceOptions:
    """The options with the plug-in version filled in, unless the caller chose one."""
    return pulumi.ResourceOptions.merge(pulumi.ResourceOptions(version=VERSION), opts)

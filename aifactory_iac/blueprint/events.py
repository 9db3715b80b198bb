"""The two event streams of ruamel.yaml: libyaml's, thirty times faster, and the pure one.

The libyaml inside ruamel.yaml.clib still follows YAML 1.1 in one point that blueprints meet: in
`{start: 2027-02-01T11:30:00Z}` it refuses the colons. Only such a document takes the pure parser.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

from _ruamel_yaml import CParser  # type: ignore[import-not-found]

_PURE_CHARACTERS = 200_000
"""The pure parser takes about 4 s for a megabyte; past this size the author quotes the value."""


def c_events(text: str) -> Iterator[Any]:
    """Libyaml's events, read as they are asked for. Raises ruamel.yaml's errors."""
    parser = CParser(text)
    while (event := parser.get_event()) is not None:
        yield event


def pure_events(text: str) -> Iterator[Any]:
    """The pure parser's events, read as they are asked for. Raises ruamel.yaml's errors."""
    from ruamel.yaml import YAML

    yield from YAML(pure=True).parse(io.StringIO(text))


def must_be_pure(error: Exception, text: str) -> bool:
    """Whether libyaml's error is about a colon that YAML 1.2 allows."""
    problem = str(getattr(error, "problem", ""))
    return "found unexpected ':'" in problem and len(text) <= _PURE_CHARACTERS

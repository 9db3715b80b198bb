"""Where a finding stands, for services that know files and lines and nothing else."""

from __future__ import annotations

import posixpath

from aifactory_iac.findings import Span
from aifactory_iac.policy import Judgement

_NO_FILE = "command line"
"""The layer whose values stand in no file."""


def place_of(judged: Judgement) -> Span | None:
    """The span, where it is one of a file."""
    return None if judged.span is None or judged.span.layer == _NO_FILE else judged.span


def file_of(span: Span) -> str:
    """The file with forward slashes and without detours."""
    return posixpath.normpath(span.file.replace("\\", "/"))

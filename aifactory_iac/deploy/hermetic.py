"""A program sees the same surroundings on every machine while it is planned.

The typed SDKs read `AWS_REGION`, `KUBECONFIG`, `PULUMI_K8S_*` and their like at construction and
make inputs of them. So everything but a few variables that cannot reach an input is taken out of
the environment for the run. The environment belongs to the whole process: runs are serialised.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator

_KEPT = re.compile(
    r"PATH|TMPDIR|TEMP|TMP|SYSTEMROOT|LANG|LC_[A-Z]+|PYTHON[A-Z]*|COV_CORE_[A-Z]+|COVERAGE_[A-Z_]+"
)


@contextlib.contextmanager
def scrubbed_environment() -> Iterator[None]:
    """Take out of `os.environ` what could leak into a plan; put it back afterwards."""
    before = dict(os.environ)
    for name in before:
        if not _KEPT.fullmatch(name):
            del os.environ[name]
    try:
        yield
    finally:
        for name in set(os.environ) - set(before):
            del os.environ[name]
        os.environ.update(before)

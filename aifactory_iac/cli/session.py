"""Opens what the user asked for, or says everything that is wrong with it and exits with code 2."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

import click

from aifactory_iac.cli.options import Asked, Output
from aifactory_iac.cli.write import complain, width, write_result

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aifactory_iac.api import Factory
    from aifactory_iac.design.model import Design
    from aifactory_iac.findings import Finding

INVALID = 2


def opened(asked: Asked, output: Output) -> Factory:
    """The loaded factory; exits with code 2 and all findings when the document is invalid."""
    from aifactory_iac.api import load

    factory = load(
        asked.target,
        parameters=asked.parameters,
        values=asked.values,
        library=asked.library,
        catalog=asked.catalog,
    )
    if not factory.valid:
        refuse(asked.target, factory.findings, output)
    return factory


def designed(factory: Factory, target: str, output: Output) -> Design:
    """The engineered factory; exits with code 2 and all findings when it cannot be built."""
    from aifactory_iac.api import design
    from aifactory_iac.cli.progress import working
    from aifactory_iac.findings import has_blocking

    with working("Engineering the factory", output):
        engineered = design(factory)
    if has_blocking(engineered.findings):
        refuse(target, factory.locate(engineered.findings), output)
    return engineered


def refuse(target: str, findings: Sequence[Finding], output: Output) -> NoReturn:
    """Prints all findings, to standard error as text or as the JSON result, and exits with 2."""
    if output.format == "json":
        from aifactory_iac.report.canonical import to_json
        from aifactory_iac.report.findings_document import findings_document

        write_result(to_json(findings_document(target, findings, valid=False)), output)
    else:
        from aifactory_iac.report.findings_text import findings_text

        complain(findings_text(findings, width=width(output)), output)
    raise click.exceptions.Exit(INVALID)

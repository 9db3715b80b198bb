"""The library's volumes as verbs need them: chosen by name, linted, tested."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from aifactory_iac.library import Case, Unkept, Volume, keep, read_cases, volumes


def chosen(name: str | None, library: Sequence[Path]) -> tuple[Volume, ...]:
    """The volume of that name, or all; a usage error with the nearest name when there is none."""
    every = volumes(library)
    if name is None:
        return every
    found = tuple(volume for volume in every if volume.name == name)
    if not found:
        from aifactory_iac.cli.suggesting import no_such

        raise no_such("blueprint", name, (volume.name for volume in every))
    return found


def lint_volume(volume: Volume, library: Sequence[Path]) -> list[str]:
    """What keeps the blueprint from being fit for a library, in plain words."""
    from aifactory_iac.api import InvalidBlueprintError, check, load
    from aifactory_iac.report.findings_text import finding_text

    problems = []
    if not volume.readme.is_file():
        problems.append("has no README.md")
    if not volume.promises.is_file():
        problems.append("has no facts.yaml")
    factory = load(str(volume.document), library=library)
    if not factory.valid:
        return [*problems, *(click.unstyle(finding_text(each)) for each in factory.findings)]
    for name, schema in sorted(factory.blueprint.parameters.items()):
        if not (isinstance(schema, Mapping) and schema.get("description")):
            problems.append(f"parameter `{name}` has no description")
    if factory.blueprint.metadata.name != volume.name:
        problems.append(f"is named `{factory.blueprint.metadata.name}` inside")
    try:
        verdict = check(factory)
    except InvalidBlueprintError as error:
        return [*problems, *(each.message for each in error.findings)]
    if verdict.outcome != "pass":
        problems.append(f"its own gate says {verdict.outcome}")
    return problems


def test_volume(
    volume: Volume, library: Sequence[Path]
) -> Iterator[tuple[Case, tuple[Unkept, ...]]]:
    """Each case of the blueprint's promised facts, with those that are not kept."""
    from aifactory_iac.api import InvalidBlueprintError, load, results

    if not volume.promises.is_file():
        return
    try:
        cases = read_cases(volume.promises)
    except ValueError as error:
        raise click.ClickException(f"{volume.name}: {error}") from None
    for case in cases:
        factory = load(str(volume.document), parameters=case.parameters, library=library)

        def documents(verb: str, factory: Any = factory) -> Mapping[str, Any]:
            try:
                return results(factory, verb)
            except InvalidBlueprintError as error:
                return {"error": str(error)}

        yield case, keep(case, documents)

"""Options that verbs share, so that one spelling means one thing everywhere."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import click

from aifactory_iac.cli import completing

Verb = TypeVar("Verb", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Asked:
    """What the user asked to load: a target, parameters, and where to look."""

    target: str
    parameters: dict[str, str] = field(default_factory=dict)
    values: Path | None = None
    library: tuple[Path, ...] = ()
    catalog: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class Output:
    """How the user wants the result. `colour` is False where none are wanted, else None."""

    format: str = "text"
    file: Path | None = None
    colour: bool | None = None
    verbose: int = 0


TARGET = click.argument("target", shell_complete=completing.targets)
PARAMETERS = click.option(
    "-p",
    "--parameter",
    "parameters",
    multiple=True,
    metavar="NAME=VALUE",
    shell_complete=completing.parameters,
    help="Set a parameter; repeatable, wins over all else.",
)
VALUES = click.option(
    "--values",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Set many parameters from a YAML file.",
)
LIBRARY = click.option(
    "--library",
    multiple=True,
    type=click.Path(path_type=Path, file_okay=False),
    envvar="AIFACTORY_LIBRARY",
    metavar="DIR",
    help="Search DIR for blueprints before the shipped library; repeatable.",
)
CATALOG = click.option(
    "--catalog",
    multiple=True,
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Catalog overlay with facts of your own; repeatable.",
)
RULES = click.option(
    "--rules",
    multiple=True,
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    metavar="DIR",
    help="Add rules of your own; repeatable.",
)
SITES = click.option(
    "--site", "sites", multiple=True, metavar="NAME", help="Only this site; repeatable."
)
DETAILED = click.option(
    "--detailed-exitcode", is_flag=True, help="Exit with 5 when something would change or differs."
)
NO_COLOUR = click.option("--no-color", is_flag=True, help="No colours (NO_COLOR does the same).")
VERBOSE = click.option("-v", "--verbose", count=True, help="Say more; repeatable.")
DEBUG = click.option(
    "--debug", is_flag=True, hidden=True, expose_value=False, help="Show tracebacks."
)
"""Read by `main` from the raw arguments, since what it shows may come from before any parsing."""


def takes_target(verb: Verb) -> Verb:
    """TARGET, `-p`, `--values`, `--library` and `--catalog`, given to the verb as `asked`."""

    @TARGET
    @PARAMETERS
    @VALUES
    @LIBRARY
    @CATALOG
    @functools.wraps(verb)
    def with_target(
        *args: Any,
        target: str,
        parameters: Sequence[str],
        values: Path | None,
        library: tuple[Path, ...],
        catalog: tuple[Path, ...],
        **kwargs: Any,
    ) -> Any:
        asked = Asked(target, assignments(parameters), values, library, catalog)
        return verb(*args, asked=asked, **kwargs)

    return with_target  # type: ignore[return-value]


def gives_output(*formats: str) -> Callable[[Verb], Verb]:
    """`--format`, `--output`, `--no-color`, `-v` and `--debug`, given to the verb as `output`.

    Without formats there is no result to print, and the first two are left out.
    """

    def decorate(verb: Verb) -> Verb:
        @NO_COLOUR
        @VERBOSE
        @DEBUG
        @functools.wraps(verb)
        def with_output(
            *args: Any,
            no_color: bool,
            verbose: int,
            result_format: str = "text",
            result_file: Path | None = None,
            **kwargs: Any,
        ) -> Any:
            colour = False if no_color else None
            output = Output(result_format, result_file, colour, verbose)
            return verb(*args, output=output, **kwargs)

        return _format(formats)(_file(with_output)) if formats else with_output  # type: ignore[return-value]

    return decorate


def _format(formats: Sequence[str]) -> Callable[[Verb], Verb]:
    return click.option(
        "--format",
        "result_format",
        type=click.Choice(formats),
        default=formats[0],
        show_default=True,
        help="Form of the result.",
    )


_file = click.option(
    "--output",
    "result_file",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write the result to FILE instead of standard output.",
)


def assignments(parameters: Sequence[str]) -> dict[str, str]:
    """`NAME=VALUE` by name, the last one wins; a usage error names what is not of that form."""
    assigned: dict[str, str] = {}
    for text in parameters:
        name, equals, value = text.partition("=")
        if not equals or not name.strip():
            raise click.BadParameter(
                f"`{text}` is not NAME=VALUE, such as scalable_units=2", param_hint="-p"
            )
        assigned[name.strip()] = value
    return assigned

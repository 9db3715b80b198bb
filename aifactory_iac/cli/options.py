"""Options that verbs share, so that one spelling means one thing everywhere."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import click

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
    """How the user wants the result."""

    format: str = "text"
    file: Path | None = None
    colour: bool | None = None
    verbose: int = 0


def takes_target(verb: Verb) -> Verb:
    """TARGET, `-p`, `--values`, `--library` and `--catalog`, given to the verb as `asked`."""

    @click.argument("target", shell_complete=_complete_target)
    @click.option(
        "-p",
        "--parameter",
        "parameters",
        multiple=True,
        metavar="NAME=VALUE",
        help="Set a parameter; repeatable, wins over all else.",
    )
    @click.option(
        "--values",
        type=click.Path(path_type=Path, dir_okay=False),
        metavar="FILE",
        help="Set many parameters from a YAML file.",
    )
    @click.option(
        "--library",
        multiple=True,
        type=click.Path(path_type=Path, file_okay=False),
        envvar="AIFACTORY_LIBRARY",
        metavar="DIR",
        help="Search DIR for blueprints before the shipped library; repeatable.",
    )
    @click.option(
        "--catalog",
        multiple=True,
        type=click.Path(path_type=Path, dir_okay=False),
        metavar="FILE",
        help="Catalog overlay with facts of your own; repeatable.",
    )
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
        asked = Asked(target, _assignments(parameters), values, library, catalog)
        return verb(*args, asked=asked, **kwargs)

    return with_target  # type: ignore[return-value]


def gives_output(*formats: str) -> Callable[[Verb], Verb]:
    """`--format`, `--output`, `--no-color`, `-v` and `--debug`, given to the verb as `output`."""

    def decorate(verb: Verb) -> Verb:
        @click.option(
            "--format",
            "format_",
            type=click.Choice(formats),
            default=formats[0],
            show_default=True,
            help="Form of the result.",
        )
        @click.option(
            "--output",
            type=click.Path(path_type=Path, dir_okay=False),
            metavar="FILE",
            help="Write the result to FILE instead of standard output.",
        )
        @click.option("--no-color", is_flag=True, help="No colours (NO_COLOR does the same).")
        @click.option("-v", "--verbose", count=True, help="Say more; repeatable.")
        @click.option("--debug", is_flag=True, hidden=True, help="Show tracebacks.")
        @functools.wraps(verb)
        def with_output(
            *args: Any,
            format_: str,
            output: Path | None,
            no_color: bool,
            verbose: int,
            debug: bool,  # noqa: ARG001 - read by main from the raw arguments
            **kwargs: Any,
        ) -> Any:
            colour = False if no_color else None
            return verb(*args, output=Output(format_, output, colour, verbose), **kwargs)

        return with_output  # type: ignore[return-value]

    return decorate


def _assignments(parameters: Sequence[str]) -> dict[str, str]:
    assigned: dict[str, str] = {}
    for text in parameters:
        name, equals, value = text.partition("=")
        if not equals or not name.strip():
            raise click.BadParameter(
                f"`{text}` is not NAME=VALUE, such as scalable_units=2", param_hint="-p"
            )
        assigned[name.strip()] = value
    return assigned


def _complete_target(
    ctx: click.Context,  # noqa: ARG001
    param: click.Parameter,  # noqa: ARG001
    incomplete: str,
) -> list[Any]:
    from click.shell_completion import CompletionItem

    from aifactory_iac.shipped import folder

    names = sorted(entry.name for entry in folder("blueprints").iterdir() if entry.is_dir())
    return [
        *(CompletionItem(name) for name in names if name.startswith(incomplete)),
        CompletionItem(incomplete, type="file"),
    ]

"""Where results go: standard output or a file, whole or not at all."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

import click

from aifactory_iac.cli.options import Output


def write_result(text: str, output: Output) -> None:
    """The rendered result, to the file asked for or to standard output.

    Raises `click.ClickException` when the file cannot be written; nothing half-written stays.
    """
    if output.file is None:
        click.echo(text, nl=False, color=colour(output))
        return
    write_file(output.file, click.unstyle(text))
    click.echo(f"Wrote {output.file}", err=True)


def write_file(file: Path, text: str) -> None:
    """Writes beside the target and moves into place, so that a reader never sees half a file."""
    temporary = None
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", dir=file.parent, prefix=f".{file.name}.", delete=False
        ) as handle:
            temporary = Path(handle.name)
            handle.write(text)
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(file)
    except OSError as error:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
        raise click.ClickException(f"cannot write {file}: {error.strerror}") from None


def colour(output: Output) -> bool:
    """Colours on a terminal unless asked otherwise (https://no-color.org)."""
    if output.colour is not None:
        return output.colour
    return output.file is None and sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def width(output: Output) -> int | None:
    """The terminal's width; `None`, which is 100 columns, where the result is not for one."""
    if output.file is None and sys.stdout.isatty():
        return shutil.get_terminal_size().columns
    return None


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask

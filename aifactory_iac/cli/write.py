"""Where results go: standard output or a file, whole or not at all."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TextIO

import click

from aifactory_iac.cli.options import Output


def write_result(text: str, output: Output) -> None:
    """The rendered result, to the file asked for or to standard output.

    Raises `click.ClickException` when it cannot be written; nothing half-written stays in a file.
    """
    if output.file is None:
        _print(text, sys.stdout, colour(output))
        return
    write_file(output.file, click.unstyle(text))
    say(f"Wrote {output.file}")


def say(text: str) -> None:
    """A line about what was done, on standard error."""
    _print(f"{text}\n", sys.stderr, None)


def complain(text: str, output: Output) -> None:
    """Diagnostics, on standard error, in colours where a person reads them."""
    _print(text, sys.stderr, colour(Output(colour=output.colour), sys.stderr))


def write_file(file: Path, text: str) -> None:
    """Writes beside the target and moves into place, so that a reader never sees half a file."""
    write_files({file: text})


def write_files(files: Mapping[Path, str]) -> None:
    """Writes all beside their targets first, and moves them into place when all are written.

    Raises `click.ClickException` when one cannot be written. Whatever ends it, an interrupt too,
    no part of a file stays. Links are followed, and what is no file (`/dev/stdout`) is written to.
    """
    staged: dict[Path, Path] = {}
    try:
        for file, text in files.items():
            if file.exists() and not file.is_file():
                file.write_text(text, encoding="utf-8", errors="replace")
                continue
            file.parent.mkdir(parents=True, exist_ok=True)
            target = file.resolve()
            staged[target] = _beside(target)
            staged[target].write_text(text, encoding="utf-8", errors="replace")
            staged[target].chmod(0o666 & ~_umask())
        for target, temporary in staged.items():
            temporary.replace(target)
    except FileExistsError:
        raise click.ClickException(f"cannot write {file}: Not a directory") from None
    except OSError as error:
        raise click.ClickException(f"cannot write {file}: {error.strerror}") from None
    finally:
        for temporary in staged.values():
            temporary.unlink(missing_ok=True)


def colour(output: Output, stream: TextIO | None = None) -> bool:
    """Colours on a terminal unless asked otherwise (https://no-color.org)."""
    if output.colour is not None:
        return output.colour
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return output.file is None and (stream or sys.stdout).isatty() and not plain


def width(output: Output) -> int | None:
    """The terminal's width; `None`, which is 100 columns, where the result is not for one."""
    if output.file is None and sys.stdout.isatty():
        return shutil.get_terminal_size().columns
    return None


def _print(text: str, stream: TextIO, colours: bool | None) -> None:  # noqa: FBT001 - click's
    """Prints and flushes; a reader that has gone (`| head`) changes no exit code."""
    try:
        click.echo(text, file=stream, nl=False, color=colours)
    except BrokenPipeError:
        _abandon(stream)
    except OSError as error:
        _abandon(stream)
        raise click.ClickException(f"cannot write the result: {error.strerror}") from None


def _abandon(stream: TextIO) -> None:
    """Sends what is still in the buffer nowhere, or Python would fail on it at its end again."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    except (OSError, ValueError):
        return


def _beside(file: Path) -> Path:
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    os.close(handle)
    return Path(name)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
